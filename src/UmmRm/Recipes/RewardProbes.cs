using System.Text.Json.Nodes;
using UmmRm.Data;
using UmmRm.Evaluation;
using UmmRm.Rewards;
using UmmRm.Weights;

namespace UmmRm.Recipes;

/// <summary>Scores that travel with a reward model: any later load can prove that it still gives the same numbers.</summary>
public static class RewardProbes
{
    /// <summary>How far a probe's score may move, relative to 1 + its size: float32 on another machine or in another batch.</summary>
    public const double Tolerance = 1e-3;

    /// <summary>Most texts that a reward's scale is measured on: enough for a mean within a sixteenth of a standard deviation, and soon scored.</summary>
    public const int MostReferences = 256;

    /// <summary>Scores texts with the written model, in float32, and records them in its reward.json.</summary>
    /// <param name="folder">A reward model's folder with a reward.json.</param>
    /// <param name="texts">Token ids.</param>
    /// <param name="reference">Texts whose scores' mean and standard deviation (n - 1) are recorded as the reward's scale; none are where there are fewer than two.</param>
    /// <param name="source">What the record calls these texts.</param>
    public static void Record(string folder, IReadOnlyList<int[]> texts, IReadOnlyList<int[]> reference, string source)
    {
        var opened = ModelFolder.Open(folder);
        var scores = Score(opened, [.. texts, .. reference]);
        (opened.Metadata! with { Probes = [.. texts.Zip(scores, (ids, score) => new ProbeScore { Ids = ids, Score = score })], Normalisation = Scale(scores[texts.Count..], source) }).Write(folder);
    }

    /// <summary>Records what a reference policy's answers score, in place of what reward.json had: its z-scores are measured against them from now on.</summary>
    /// <param name="folder">The reward model's folder; a reward.json is made where it has none.</param>
    /// <param name="encoder">How the answers were read.</param>
    /// <param name="scores">Raw scores of answers that the policy gave, two at least.</param>
    /// <param name="policy">The policy's name.</param>
    /// <exception cref="ArgumentException">There are fewer than two scores or all are alike, or the answers were read by another template than the folder records.</exception>
    public static ScoreNormalisation RecordReference(string folder, SequenceEncoder encoder, IReadOnlyList<double> scores, string policy)
    {
        var known = RewardMetadata.Read(folder);
        var recorded = known ?? RewardExecutor.Metadata(encoder);
        if (!JsonNode.DeepEquals(recorded.Template, encoder.Template.ToJson()))
            throw new ArgumentException($"{folder} records the template {recorded.TemplateName} and these scores were made with {encoder.Template.Name}; a z-score compares scores of texts that are read alike: leave --template away");
        var fit = RewardNormalization.Fit(scores);
        var reference = new ScoreNormalisation(fit.Mean, fit.StandardDeviation, fit.Count) { Source = policy };
        if (known is null)
            encoder.KeepChatTemplate(folder);
        (recorded with { Normalisation = reference }).Write(folder);
        return reference;
    }

    /// <summary>The probes whose score is not the recorded one any more; empty when all are, or none are recorded.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="loaded">The model, where it is loaded already; it is loaded from the folder otherwise.</param>
    public static IReadOnlyList<(ProbeScore Probe, double Found)> Changed(ModelFolder folder, ModelReward? loaded = null)
    {
        var probes = folder.Metadata?.Probes.Where(probe => probe.Ids is not null).ToList() ?? [];
        int[][] texts = [.. probes.Select(probe => probe.Ids!.ToArray())];
        var found = probes.Count == 0 ? [] : loaded is null ? Score(folder, texts) : loaded.Score(texts);
        return [.. probes.Zip(found).Where(pair => Math.Abs(pair.First.Score - pair.Second) > Tolerance * (1 + Math.Abs(pair.First.Score)))];
    }

    private static ScoreNormalisation? Scale(double[] scores, string source)
    {
        if (scores.Length < 2)
            return null;
        var summary = ScoreSummary.Of(scores);
        return new ScoreNormalisation(summary.Mean, summary.StandardDeviation, scores.Length) { Source = source };
    }

    private static double[] Score(ModelFolder folder, IReadOnlyList<int[]> texts)
    {
        using var model = folder.LoadRewardModel();
        return new ModelReward("probes", model, folder.Encoder("raw"), folder.PadId).Score(texts);
    }
}
