using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Data;
using UmmRm.Evaluation;
using UmmRm.Tokenization;

namespace UmmRm.Tests.Evaluation;

public sealed class PairwiseAccuracyTests
{
    [Fact]
    public void Measure_PromptsThatDoNotRepeat_CountsTiesAsWrongAndUsesWilson()
    {
        var result = PairwiseAccuracy.Measure(Scores([Pair("a", "long", "x"), Pair("b", "y", "z"), Pair("c", "y", "long"), Pair("d", "long", "x")], [1, 2, 3, 0], [0, 2, 5, -1]));
        Assert.Equal((4, 4, 1), (result.Pairs, result.Prompts, result.Ties));
        Assert.Equal(0.5, result.Accuracy);
        Assert.Equal((Interval.Wilson(2, 4), "Wilson"), (result.Interval, result.IntervalMethod));
        Assert.Equal(0, result.MeanMargin); // 1, 0, -2, 1
        Assert.Equal(2.5 / 4, result.LengthBaseline); // longer, equal, shorter, longer
        Assert.Equal(Interval.Wilson(2.5, 4), result.LengthBaselineInterval);
        Assert.Null(result.ModelBaseline);
        Assert.False(result.BelowChance);
    }

    [Fact]
    public void Measure_PromptsThatRepeat_ResamplesThemAndSaysSo()
    {
        // 50 prompts with 20 pairs each, half the prompts all right and half all wrong: only 50 independent facts, whose standard error is 1 / (2 sqrt 50).
        PreferencePair[] pairs = [.. Enumerable.Range(0, 1000).Select(i => Pair($"prompt {i / 20}", "a", "b"))];
        double[] chosen = [.. Enumerable.Range(0, 1000).Select(i => i / 20 % 2 == 0 ? 1.0 : -1)];
        var result = PairwiseAccuracy.Measure(Scores(pairs, chosen, new double[1000]));
        Assert.Equal((1000, 50, "bootstrap over prompts"), (result.Pairs, result.Prompts, result.IntervalMethod));
        Assert.InRange(result.Interval.High - result.Interval.Low, 0.25, 0.31); // 2 x 1.96 / (2 sqrt 50) = 0.277; with independent pairs it would be 0.062
        Assert.Equal(result, PairwiseAccuracy.Measure(Scores(pairs, chosen, new double[1000])));
    }

    [Fact]
    public void Measure_RepeatedPromptsAllRight_DoesNotClaimCertainty()
    {
        PreferencePair[] pairs = [.. Enumerable.Range(0, 40).Select(i => Pair($"prompt {i / 4}", "a", "b"))];
        var result = PairwiseAccuracy.Measure(Scores(pairs, [.. Enumerable.Repeat(1.0, 40)], new double[40]));
        Assert.Equal(Interval.Wilson(10, 10), result.Interval);
        Assert.StartsWith("Wilson over prompts", result.IntervalMethod, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(450, true)] // upper end 0.4940
    [InlineData(480, false)]
    public void BelowChance_UpperEndBelowOneHalf_RaisesTheAlarm(int right, bool alarm)
    {
        PreferencePair[] pairs = [.. Enumerable.Range(0, 1000).Select(i => Pair($"{i}", "a", "b"))];
        double[] chosen = [.. Enumerable.Range(0, 1000).Select(i => i < right ? 1.0 : -1)];
        Assert.Equal(alarm, PairwiseAccuracy.Measure(Scores(pairs, chosen, new double[1000])).BelowChance);
    }

    [Fact]
    public void Measure_InJson_IsTheDocumentedDocument()
    {
        var first = Scores([Pair("a", "x", "y"), Pair("b", "x", "y")], [1, 1], [0, 0]);
        var second = Scores(first.Pairs, [1, 0], [0, 1]);
        var result = PairwiseAccuracy.Measure(first, [1, 0.5]) with { Against = AccuracyComparison.Of(first, second) };
        var json = JsonSerializer.SerializeToNode(result)!.AsObject();
        Assert.Equal(
            ["pairs", "prompts", "accuracy", "interval", "interval_method", "ties", "mean_margin", "below_chance", "length_baseline", "length_baseline_interval", "model_baseline", "model_baseline_interval", "against"],
            json.Select(property => property.Key));
        Assert.Equal(2, json["interval"]!.AsArray().Count);
        Assert.Equal(0.75, (double)json["model_baseline"]!);
        Assert.Equal(["accuracy", "difference", "difference_interval", "mcnemar", "independent_pairs"], json["against"]!.AsObject().Select(property => property.Key));
        Assert.Equal(["only_first", "only_second", "p_exact", "chi_square_corrected", "p_chi_square"], json["against"]!["mcnemar"]!.AsObject().Select(property => property.Key));
        Assert.Equal(result, JsonSerializer.Deserialize<PairwiseAccuracy>(json));
        Assert.DoesNotContain("against", JsonSerializer.Serialize(PairwiseAccuracy.Measure(first)), StringComparison.Ordinal);
    }

    [Fact]
    public void PairScores_ScoreThatIsNotFinite_IsRefusedByIndexAndOrigin()
    {
        var error = Assert.Throws<InvalidDataException>(() => Scores([Pair("a", "x", "y"), Pair("b", "x", "y")], [1, double.NaN], [0, 0]));
        Assert.StartsWith("pair 1 (test:b) scores NaN", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Scores([], [], []));
        Assert.Throws<ArgumentException>(() => Scores([Pair("a", "x", "y")], [1], []));
    }

    [Fact]
    public void Compare_TwoModels_CountsWhereTheyDifferAndResamplesPrompts()
    {
        PreferencePair[] pairs = [.. Enumerable.Range(0, 100).Select(i => Pair($"{i / 2}", "a", "b"))];
        double[] first = [.. Enumerable.Range(0, 100).Select(i => i < 80 ? 1.0 : -1)], second = [.. Enumerable.Range(0, 100).Select(i => i is >= 15 and < 85 ? 1.0 : -1)];
        var result = AccuracyComparison.Of(Scores(pairs, first, new double[100]), Scores(pairs, second, new double[100]));
        Assert.Equal(0.7, result.OtherAccuracy, 1e-15);
        Assert.Equal(0.1, result.Difference, 1e-15);
        Assert.Equal(new McNemar(15, 5), result.McNemar);
        Assert.False(result.IndependentPairs);
        Assert.InRange(result.DifferenceInterval.Low, -0.08, 0.02);
        Assert.InRange(result.DifferenceInterval.High, 0.18, 0.28);
        Assert.Throws<ArgumentException>(() => AccuracyComparison.Of(Scores(pairs, first, new double[100]), Scores(pairs[..99], second[..99], new double[99])));
        Assert.Contains("pair 0 differs", Assert.Throws<ArgumentException>(() => AccuracyComparison.Of(Scores([pairs[0]], [1], [0]), Scores([Pair("0", "other", "b")], [1], [0]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ModelIdentity_HandComputed_FollowsTrainingWinRates()
    {
        var baseline = ModelIdentityBaseline.Fit([("strong", "weak"), ("strong", "middle"), ("middle", "weak"), ("weak", "strong")]);
        Assert.Equal(2 / 3.0, baseline.WinRates["strong"]);
        Assert.Equal(1 / 2.0, baseline.WinRates["middle"]);
        Assert.Equal(1 / 3.0, baseline.WinRates["weak"]);
        Assert.Equal([1, 0, 0.5, 0.5], baseline.Outcomes([("strong", "middle"), ("weak", "middle"), ("weak", "weak"), ("strong", "unseen")]));
    }

    [Theory]
    [InlineData("validation.jsonl.gz", 1512, 130, 0.8234, 0.8902)]
    [InlineData("validation-length-balanced.jsonl.gz", 532, 125, 0.5, 0.8233)]
    public void Baselines_RealPairs_ReachWhatAnIndependentCountFound(string file, int count, int prompts, double length, double identity)
    {
        var training = Rows(Repository.SharedData("alpaca_eval", "train.jsonl.gz"));
        var rows = Rows(Repository.SharedData("alpaca_eval", file));
        PreferencePair[] pairs = [.. rows.Select((row, i) => new PreferencePair(Conversation.FromPrompt((string)row["prompt"]!), (string)row["chosen"]!, (string)row["rejected"]!, $"{file}:{i + 1}"))];
        var result = PairwiseAccuracy.Measure(
            new PairScores(pairs, [.. pairs.Select(_ => 1.0)], [.. pairs.Select(_ => 0.0)]),
            ModelIdentityBaseline.Fit(training.Select(Models)).Outcomes(rows.Select(Models)));
        Assert.Equal((count, prompts, 1.0), (result.Pairs, result.Prompts, result.Accuracy));
        Assert.Equal(length, result.LengthBaseline, 5e-5);
        Assert.Equal(identity, result.ModelBaseline!.Value, 5e-5);

        static (string, string) Models(JsonNode row) => ((string)row["chosen_model"]!, (string)row["rejected_model"]!);
    }

    private static PairScores Scores(IReadOnlyList<PreferencePair> pairs, double[] chosen, double[] rejected) => new(pairs, chosen, rejected);

    private static PreferencePair Pair(string prompt, string chosen, string rejected) => new(Conversation.FromPrompt(prompt), chosen, rejected, $"test:{prompt}");

    private static List<JsonNode> Rows(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        var rows = new List<JsonNode>();
        while (reader.ReadLine() is { } line)
            rows.Add(JsonNode.Parse(line)!);
        return rows;
    }
}
