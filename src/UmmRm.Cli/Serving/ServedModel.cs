using UmmRm.Recipes;
using UmmRm.Rewards;
using UmmRm.Weights;

namespace UmmRm.Cli.Serving;

/// <summary>A reward under the name that clients call it by: one model, a mixture with its single experts, or an ensemble of models whose scores become one.</summary>
internal sealed class ServedModel : IDisposable
{
    private readonly IRewardFunction _reward;
    private readonly List<ModelReward> _models = [];
    private readonly Func<double[], double> _combine;
    private readonly Func<double[], double>[] _members;

    /// <param name="name">What clients call it.</param>
    /// <param name="reward">A model, or an ensemble of models, normalised or not; disposed with this.</param>
    /// <param name="reference">The scores' distribution on reference texts, or null.</param>
    /// <param name="experts">Whether a mixture's <see cref="Detailed"/> answers carry the spread of its single experts.</param>
    /// <exception cref="UsageException">Something in it is no model and cannot score a text that stands alone.</exception>
    public ServedModel(string name, IRewardFunction reward, ScoreNormalisation? reference = null, bool experts = false)
    {
        (Name, _reward, Reference) = (name, reward, reference);
        _members = reward is EnsembleReward ensemble ? [.. ensemble.Members.Select(Reader)] : [Reader(reward)];
        _combine = reward is EnsembleReward { Combination: var rule } ? scores => rule.Combine([.. _members.Select(member => member(scores))]) : _members[0];
        Spread = _members.Length > 1 ? $"{_members.Length} members" : null;
        Detailed = experts && reward is ModelReward model && model.SingleExperts() is { Count: > 1 } single ? new ServedModel(this, single) : this;
    }

    /// <summary>A mixture with its single experts, which share its weights.</summary>
    private ServedModel(ServedModel mixture, IReadOnlyList<ModelReward> experts)
    {
        (Name, _reward, Reference, Detailed) = (mixture.Name, mixture._reward, mixture.Reference, this);
        _combine = Reader(mixture._reward);
        _members = [.. experts.Select(Reader)];
        Spread = $"{experts.Count} single experts";
    }

    /// <summary>What clients call it.</summary>
    public string Name { get; }

    /// <summary>The models whose scores make the reward's.</summary>
    public IReadOnlyList<ModelReward> Models => _models;

    /// <summary>Mean and standard deviation of the raw score on reference texts, or null.</summary>
    public ScoreNormalisation? Reference { get; }

    /// <summary>Whose disagreement is the uncertainty, in words; null where there is none.</summary>
    public string? Spread { get; }

    /// <summary>The same reward for requests that ask for details: with a mixture's single experts where they were wanted. Disposed with this.</summary>
    public ServedModel Detailed { get; }

    /// <summary>A reward as the command line names it, with what its folder records.</summary>
    public static ServedModel Of(string name, string path, IRewardFunction reward, bool experts = false) =>
        new(name, reward, Directory.Exists(path) ? ModelFolder.Open(path).Metadata?.Normalisation : null, experts);

    /// <summary>The ids of a text, for each of the models.</summary>
    /// <param name="text">What is to be scored.</param>
    /// <param name="index">Its place in the request, for messages.</param>
    /// <exception cref="RequestException">It has no tokens, too many, or ids that no model knows.</exception>
    public int[][] Encode(AskedText text, int index)
    {
        var ids = new int[_models.Count][];
        for (var i = 0; i < ids.Length; i++)
            ids[i] = i > 0 && _models[i].Encoder == _models[i - 1].Encoder ? ids[i - 1] : Encode(_models[i], text, index);
        return ids;
    }

    /// <summary>What is said of a text.</summary>
    /// <param name="scores">The raw score of each of the models.</param>
    public ServedScore Judge(double[] scores)
    {
        var raw = _combine(scores);
        double? uncertainty = null;
        if (_members.Length > 1)
        {
            var members = Array.ConvertAll(_members, member => member(scores));
            var mean = members.Average();
            uncertainty = Math.Sqrt(members.Sum(score => (score - mean) * (score - mean)) / (members.Length - 1));
        }
        return new ServedScore(raw, uncertainty, Reference is { Sd: > 0 } scale ? (raw - scale.Mean) / scale.Sd : null);
    }

    /// <summary>Gives the weights back.</summary>
    public void Dispose() => _reward.Dispose();

    /// <summary>Finds the models in a reward, and how its score comes from theirs.</summary>
    private Func<double[], double> Reader(IRewardFunction reward)
    {
        switch (reward)
        {
            case ModelReward model:
                var at = _models.Count;
                _models.Add(model);
                return scores => scores[at];
            case NormalizedReward normalized:
                var inner = Reader(normalized.Inner);
                return scores => normalized.Normalization.Apply(inner(scores));
            case EnsembleReward ensemble:
                Func<double[], double>[] members = [.. ensemble.Members.Select(Reader)];
                return scores => ensemble.Combination.Combine([.. members.Select(member => member(scores))]);
            default:
                throw new UsageException($"{reward.Name} is no model's folder and scores prompts with responses; clients of a server send texts: serve a reward model or an ensemble of them");
        }
    }

    private static int[] Encode(ModelReward model, AskedText text, int index)
    {
        var ids = Read(model, text, index);
        if (ids.Length == 0)
            throw RequestException.Unprocessable($"text {index} has no tokens; there is nothing to score");
        if (ids.Length > model.Encoder.MaxLength)
            throw RequestException.Unprocessable($"text {index} has {ids.Length} tokens; this model reads at most {model.Encoder.MaxLength}, and a text is never cut silently: shorten it, or serve with a higher --max-length if the model has the positions");
        if (Array.FindIndex(ids, id => id < 0 || id >= model.VocabularySize) is >= 0 and var bad)
            throw RequestException.Unprocessable($"text {index} has the token id {ids[bad]}; ids of this model are 0..{model.VocabularySize - 1}");
        return ids;
    }

    private static int[] Read(ModelReward model, AskedText text, int index)
    {
        try
        {
            return text switch
            {
                { Ids: { } given } => given,
                { Completion: { } completion } => model.Encoder.Encode(completion),
                _ => model.Encoder.EncodeText(text.Text!, text.AddSpecialTokens),
            };
        }
        catch (InvalidDataException e)
        {
            throw RequestException.Unprocessable($"text {index}: {e.Message}");
        }
    }
}
