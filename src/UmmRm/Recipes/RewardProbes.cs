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
    public static void Record(string folder, IReadOnlyList<int[]> texts, IReadOnlyList<int[]>? reference = null)
    {
        var opened = ModelFolder.Open(folder);
        var scores = Score(opened, [.. texts, .. reference ?? []]);
        (opened.Metadata! with { Probes = [.. texts.Zip(scores, (ids, score) => new ProbeScore { Ids = ids, Score = score })], Normalisation = Scale(scores[texts.Count..]) }).Write(folder);
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

    private static ScoreNormalisation? Scale(double[] scores)
    {
        if (scores.Length < 2)
            return null;
        var mean = scores.Average();
        return new ScoreNormalisation(mean, Math.Sqrt(scores.Sum(score => (score - mean) * (score - mean)) / (scores.Length - 1)), scores.Length);
    }

    private static double[] Score(ModelFolder folder, IReadOnlyList<int[]> texts)
    {
        using var model = folder.LoadRewardModel();
        return new ModelReward("probes", model, folder.Encoder("raw"), folder.PadId).Score(texts);
    }
}
