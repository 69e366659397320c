using System.Text.Json.Nodes;

namespace UmmRm.Tests.Cli;

public sealed class EvalCommandTests : IDisposable
{
    private readonly TinyModels _models = new();

    [Fact]
    public void Eval_Json_HasTheDocumentedKeysAndTheModelsOwnNumbers()
    {
        var (data, pairs) = Pairs(12);
        var json = Json("eval", "--model", _models.Reward(), "--data", data, "--json");
        Assert.Equal(["model", "data", "pairs", "prompts", "accuracy", "interval", "interval_method", "ties", "mean_margin", "below_chance", "length_baseline", "length_baseline_interval", "dropped"], json.Select(field => field.Key));
        var margins = Margins("llama-gqa", pairs);
        Assert.Equal((12, 12), ((int)json["pairs"]!, (int)json["prompts"]!));
        Assert.Equal(margins.Count(margin => margin > 0) / 12.0, (double)json["accuracy"]!, 1e-12);
        Assert.Equal(margins.Average(), (double)json["mean_margin"]!, 1e-4);
        Assert.Equal(2, json["interval"]!.AsArray().Count);
        Assert.Equal(0, (int)json["dropped"]!["too_long"]!);
    }

    [Fact]
    public void Eval_SidesOrderedByTheModel_IsPerfectAndTheReverseRaisesTheAlarm()
    {
        var (_, pairs) = Pairs(20);
        var margins = Margins("llama-gqa", pairs);
        var right = _models.Rows("right.jsonl", [.. pairs.Zip(margins, (pair, margin) => margin > 0 ? Row(pair.Prompt, pair.Chosen, pair.Rejected) : Row(pair.Prompt, pair.Rejected, pair.Chosen))]);
        var wrong = _models.Rows("wrong.jsonl", [.. pairs.Zip(margins, (pair, margin) => margin > 0 ? Row(pair.Prompt, pair.Rejected, pair.Chosen) : Row(pair.Prompt, pair.Chosen, pair.Rejected))]);
        var good = CommandRun.Of("eval", "--model", _models.Reward(), "--data", right);
        Assert.Equal((0, ""), (good.Code, good.Error));
        Assert.Contains("1.000 [", good.Output, StringComparison.Ordinal);
        Assert.Contains("longer answer wins", good.Output, StringComparison.Ordinal);
        var bad = CommandRun.Of("eval", "--model", _models.Reward(), "--data", wrong);
        Assert.Equal(0, bad.Code);
        Assert.StartsWith("warning: below chance: accuracy .000", bad.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Eval_AgainstAnother_CountsThePairsThatOnlyOneHasRight()
    {
        var (data, pairs) = Pairs(30);
        var own = Margins("llama-gqa", pairs);
        var other = Margins("qwen2-untied", pairs);
        var json = Json("eval", "--model", _models.Reward(), "--against", _models.Reward("qwen2-untied"), "--data", data, "--json");
        var against = json["against"]!.AsObject();
        Assert.Equal(own.Zip(other).Count(pair => pair.First > 0 && pair.Second <= 0), (int)against["mcnemar"]!["only_first"]!);
        Assert.Equal(own.Zip(other).Count(pair => pair.First <= 0 && pair.Second > 0), (int)against["mcnemar"]!["only_second"]!);
        Assert.Equal(other.Count(margin => margin > 0) / 30.0, (double)against["accuracy"]!, 1e-12);
        Assert.Equal(_models.Folder["qwen2-untied-rm"], (string)against["model"]!);
    }

    [Fact]
    public void Eval_RowsThatCannotBeUsed_AreAnErrorOrDroppedAndCounted()
    {
        var data = _models.Rows("pairs.jsonl", Row("w05 ", "w06", "w07"), Row("w05 ", "w06", "w06"), Row("w05 ", "w06", TinyModels.Words(3, 130)), Row("w09 ", "w06 w08", "w10"));
        var stopped = CommandRun.Of("eval", "--model", _models.Reward(), "--data", data);
        Assert.Equal((1, ""), (stopped.Code, stopped.Output));
        Assert.Contains("pairs.jsonl:2", stopped.Error, StringComparison.Ordinal);
        var run = CommandRun.Of("eval", "--model", _models.Reward(), "--data", data, "--bad-rows", "drop", "--json");
        Assert.Equal(0, run.Code);
        var json = JsonNode.Parse(run.Output)!;
        Assert.Equal((2, 1, 1), ((int)json["pairs"]!, (int)json["dropped"]!["identical_sides"]!, (int)json["dropped"]!["too_long"]!));
        Assert.Contains("1 of 3 pairs dropped: a side is longer than 128 tokens", run.Error, StringComparison.Ordinal);
        var none = CommandRun.Of("eval", "--model", _models.Reward(), "--data", data, "--bad-rows", "drop", "--max-length", "2");
        Assert.Equal(1, none.Code);
        Assert.Contains("none of the 3 pairs fits in 2 tokens", none.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Eval_Ensemble_IsTheCombinedScoresAccuracy()
    {
        var (data, pairs) = Pairs(15);
        string[] names = ["llama-gqa", "qwen2-untied"];
        double Worst(string text) => names.Min(name => TinyModels.Score(name, [.. TinyModels.Ids(text), 2]));
        var right = pairs.Count(pair => Worst(pair.Prompt + pair.Chosen) > Worst(pair.Prompt + pair.Rejected));
        var json = Json(["eval", "--models", .. names.Select(_models.Reward), "--combine", "wco", "--data", data, "--json"]);
        Assert.Equal(right / 15.0, (double)json["accuracy"]!, 1e-12);
    }

    [Fact]
    public void Eval_OtherColumns_AreReadByTheirNames()
    {
        var data = _models.Rows("pairs.jsonl", "{\"question\": \"w05 \", \"a\": \"w06\", \"b\": \"w07\"}");
        var json = Json("eval", "--model", _models.Reward(), "--data", data, "--columns", "prompt=question,chosen=a,rejected=b", "--json");
        Assert.Equal(TinyModels.Score("llama-gqa", 5, 6, 2) - TinyModels.Score("llama-gqa", 5, 7, 2), (double)json["mean_margin"]!, 1e-4);
    }

    [Fact]
    public void Eval_RewardBench_WritesSummaryAndPairs()
    {
        var data = _models.Rows("pairs.jsonl", "{\"prompt\": \"w05 \", \"chosen\": \"w06\", \"rejected\": \"w07\", \"subset\": \"chat\"}", "{\"prompt\": \"w08 \", \"chosen\": \"w06\", \"rejected\": \"w07\", \"subset\": \"code\"}");
        var json = Json("eval", "--model", _models.Reward(), "--data", data, "--json", "--rewardbench", _models.Folder["bench.json"]);
        var summary = JsonNode.Parse(File.ReadAllText(_models.Folder["bench.json"]))!.AsObject();
        Assert.Equal((double)json["accuracy"]!, (double)summary["accuracy"]!);
        Assert.Equal(["chat", "code"], summary["extra_results"]!.AsObject().Select(subset => subset.Key));
        var rows = TinyModels.Parse(File.ReadAllText(_models.Folder["bench_all.jsonl"]));
        Assert.Equal(["prompt", "results", "scores_chosen", "scores_rejected", "text_chosen", "text_rejected", "subset"], rows[1].Select(field => field.Key));
        Assert.Equal(("w08 ", "w08 w06", "w08 w07"), ((string)rows[1]["prompt"]!, (string)rows[1]["text_chosen"]!, (string)rows[1]["text_rejected"]!));
        Assert.Equal(TinyModels.Score("llama-gqa", 8, 7, 2), (double)rows[1]["scores_rejected"]!, 1e-4);
    }

    [Fact]
    public void Eval_WithoutData_IsWrongUsage()
    {
        var run = CommandRun.Of("eval", "--model", "a");
        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains("--data", run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _models.Dispose();

    private (string File, IReadOnlyList<(string Prompt, string Chosen, string Rejected)> Pairs) Pairs(int count)
    {
        var pairs = Enumerable.Range(1, count).Select(i => (Prompt: TinyModels.Words(i, 1 + (i % 3)) + $" w{4 + i:00} ", Chosen: TinyModels.Words(i + 40, 2 + (i % 5)), Rejected: TinyModels.Words(i + 90, 1 + (i % 4)))).ToList();
        return (_models.Rows("pairs.jsonl", [.. pairs.Select(pair => Row(pair.Prompt, pair.Chosen, pair.Rejected))]), pairs);
    }

    private static double[] Margins(string name, IEnumerable<(string Prompt, string Chosen, string Rejected)> pairs) =>
        [.. pairs.Select(pair => TinyModels.Score(name, [.. TinyModels.Ids(pair.Prompt + pair.Chosen), 2]) - TinyModels.Score(name, [.. TinyModels.Ids(pair.Prompt + pair.Rejected), 2]))];

    private static string Row(string prompt, string chosen, string rejected) => new JsonObject { ["prompt"] = prompt, ["chosen"] = chosen, ["rejected"] = rejected }.ToJsonString();

    private static JsonObject Json(params string[] arguments)
    {
        var run = CommandRun.Of(arguments);
        Assert.Equal(0, run.Code);
        return Assert.Single(TinyModels.Parse(run.Output));
    }
}
