using UmmRm.Data;
using UmmRm.Rewards;

namespace UmmRm.Cli;

/// <summary>Something to score, and the row that messages name.</summary>
/// <param name="Origin">Where it came from: <c>rows.jsonl:17</c>.</param>
/// <param name="Text">A text that stands alone, tokenized exactly as the tokenizer's post-processor says; null for a completion.</param>
/// <param name="Completion">A prompt with a response, rendered by the template; null for a text.</param>
internal sealed record ScoreRequest(string Origin, string? Text, Completion? Completion)
{
    /// <summary>Both sides of pairs: all chosen ones, then all rejected ones.</summary>
    public static IReadOnlyList<ScoreRequest> Sides(IReadOnlyList<PreferencePair> pairs) =>
    [
        .. pairs.Select(pair => new ScoreRequest(pair.Origin, null, new Completion(pair.Prompt, pair.Chosen, pair.ChosenEnded))),
        .. pairs.Select(pair => new ScoreRequest(pair.Origin, null, new Completion(pair.Prompt, pair.Rejected, pair.RejectedEnded))),
    ];
}

/// <summary>One reward of those that score together.</summary>
/// <param name="Reward">The reward.</param>
/// <param name="EndIds">The tokens that may end a text, where it is a model.</param>
/// <param name="Ending">What the model's template writes after a response, such as an end token and a new line; empty where it writes nothing.</param>
internal sealed record RewardMember(IRewardFunction Reward, IReadOnlyList<int> EndIds, string Ending = "");

/// <summary>One reward or an ensemble, ready to score texts as well as completions.</summary>
internal sealed class LoadedReward(IReadOnlyList<RewardMember> members, EnsembleCombination combination)
{
    /// <summary>How each member that is a model reads texts.</summary>
    public IReadOnlyList<SequenceEncoder> Encoders { get; } = [.. members.Select(member => member.Reward).OfType<ModelReward>().Select(model => model.Encoder)];

    /// <summary>Texts (not completions) scored so far that did not end with an end token, as the first member reads them.</summary>
    public int TextsWithoutEnd { get; private set; }

    /// <summary>Texts (not completions) scored so far that brought the tokenizer's own beginning along and so have it twice, as the first member reads them.</summary>
    public int TextsBegunTwice { get; private set; }

    /// <summary>Scores in the requests' order.</summary>
    /// <param name="requests">What to score.</param>
    /// <param name="progress">Called with the number of requests done.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="InvalidDataException">A text is too long or empty, or its score is not finite.</exception>
    public double[] Score(IReadOnlyList<ScoreRequest> requests, Action<int>? progress, CancellationToken cancellation)
    {
        var scores = members.Select(member => Score(member, requests, progress, cancellation)).ToArray(); // [member][request]
        return [.. Enumerable.Range(0, requests.Count).Select(i => combination.Combine([.. scores.Select(own => own[i])]))];
    }

    private double[] Score(RewardMember member, IReadOnlyList<ScoreRequest> requests, Action<int>? progress, CancellationToken cancellation)
    {
        if (member.Reward is ModelReward model)
            return model.Score([.. requests.Select(request => Ids(member, model, request))], progress, cancellation);
        if (requests.FirstOrDefault(request => request.Completion is null) is { } alone)
            throw new InvalidDataException($"{alone.Origin}: {member.Reward.Name} is no model's folder and scores rows with prompt and response; this one has a text");
        return member.Reward.Score([.. requests.Select(request => request.Completion!)], cancellation);
    }

    private int[] Ids(RewardMember member, ModelReward model, ScoreRequest request)
    {
        var ids = request.Text is null ? InRow.Of(request.Origin, () => model.Encoder.Encode(request.Completion!)) : model.Encoder.EncodeText(request.Text);
        if (ids.Length == 0)
            throw new InvalidDataException($"{request.Origin}: the text has no tokens; there is nothing to score");
        if (ids.Length > model.Encoder.MaxLength)
            throw new InvalidDataException($"{request.Origin}: the text has {ids.Length} tokens; {model.Name} reads at most {model.Encoder.MaxLength}, and a text is never cut silently: shorten it, leave it out, or raise --max-length up to the model's positions");
        if (request.Text is { } text && member == members[0])
            Look(member, model.Encoder, text, ids);
        return ids;
    }

    /// <summary>Counts texts that begin or end otherwise than a rendered prompt and response would.</summary>
    private void Look(RewardMember member, SequenceEncoder encoder, string text, int[] ids)
    {
        var ends = member.EndIds.Count == 0 || member.EndIds.Contains(ids[^1]) || (member.Ending.Length > 0 && text.EndsWith(member.Ending, StringComparison.Ordinal));
        TextsWithoutEnd += ends ? 0 : 1;
        TextsBegunTwice += encoder.BeginsTwice(ids) ? 1 : 0;
    }
}
