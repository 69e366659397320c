using UmmRm.Data;
using UmmRm.Generation;
using UmmRm.Reports;
using UmmRm.Rewards;
using UmmRm.Tokenization;

namespace UmmRm.Recipes;

/// <summary>Draws two responses to each prompt from a policy, orders them by gold, drops ties, and flips some labels.</summary>
public sealed class PairsExecutor : IStageExecutor<PairsStage>
{
    /// <inheritdoc/>
    public void Execute(PairsStage stage, StageContext context)
    {
        var folder = ModelFolder.Open(context.PathOf(stage.Model));
        var prompts = PromptData.Read(context.SourceOf(stage.Prompts), stage.Options(stage.Prompts)).Rows;
        var first = Respond(stage, context, folder, prompts, "first");
        var second = Respond(stage, context, folder, prompts, "second");
        var written = Enumerable.Range(0, prompts.Count).Where(i => first[i].Response.Length > 0 && second[i].Response.Length > 0).ToList();
        if (written.Count < prompts.Count)
            context.Warn($"{prompts.Count - written.Count} of {prompts.Count} pairs dropped: a response is empty");
        using var gold = RewardFunctions.Open(context.PathOf(stage.Gold), "gold");
        var labels = PreferenceLabels.Order([.. written.Select(i => first[i])], [.. written.Select(i => second[i])], gold, context.Cancellation);
        if (labels.Ties > 0)
            context.Note($"{labels.Ties} of {written.Count} pairs dropped: gold scores both sides the same");
        labels = labels.WithNoise(stage.Noise, context.Random("label noise"));
        if (labels.Flipped > 0)
            context.Note($"{labels.Flipped} of {labels.Pairs.Count} labels flipped by noise");
        using var writer = new JsonLinesWriter(context.Output());
        foreach (var pair in labels.Pairs)
            writer.Write(PairRows.Of(pair));
        writer.Commit();
    }

    /// <summary>One response to each prompt; a share of them is drawn at the higher temperature.</summary>
    private static Completion[] Respond(PairsStage stage, StageContext context, ModelFolder folder, IReadOnlyList<Conversation> prompts, string which)
    {
        using var model = folder.LoadLanguageModel(stage.Precision);
        var encoder = stage.Encoder(folder);
        var hotness = context.Random($"{which} temperatures");
        var hot = prompts.Select(_ => hotness.Chance(stage.HotShare)).ToArray();
        var responses = new Completion[prompts.Count];
        foreach (var (temperature, indices) in new[] { (stage.Temperature, Where(hot, false)), (stage.HotTemperature, Where(hot, true)) })
        {
            var settings = new SamplingSettings
            {
                Temperature = temperature,
                MaxNewTokens = stage.MaxNewTokens,
                EndIds = folder.EndIds(encoder),
                PadId = folder.PadId,
                Seed = (long)(context.Random($"{which} at {temperature}").NextUInt64() >> 1),
                BatchSize = Math.Max(1, stage.TokenBudget / 32),
            };
            var drawn = new Sampler(model, settings).Generate([.. indices.Select(i => encoder.EncodePrompt(prompts[i]))],
                done => context.Progress?.Report(new ProgressReport($"{stage.Name}, {which} responses", done, indices.Count, "responses")), context.Cancellation);
            for (var i = 0; i < indices.Count; i++)
                responses[indices[i]] = encoder.DecodeResponse(prompts[indices[i]], drawn[i].Ids, drawn[i].Ended);
        }
        return responses;
    }

    private static List<int> Where(bool[] flags, bool value) => [.. Enumerable.Range(0, flags.Length).Where(i => flags[i] == value)];
}
