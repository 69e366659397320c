using System.Text.Json.Nodes;
using UmmRm.Diagnosis;
using UmmRm.Tests.Cli;

namespace UmmRm.Tests.Diagnosis;

public sealed class LabelOrderTests : IDisposable
{
    private readonly TinyModels _models = new();

    [Fact]
    public void LabelOrder_SidesAsTheModelOrdersThem_IsWellAndTheReverseAnError()
    {
        var pairs = Enumerable.Range(1, 30).Select(i => (Prompt: TinyModels.Words(i, 3) + " ", One: TinyModels.Words(i + 100, 2 + (i % 5)), Other: TinyModels.Words(i + 200, 2 + (i % 4)))).Where(pair => pair.One != pair.Other).ToList();
        var ordered = pairs.Select(pair => Score(pair.Prompt + pair.One) > Score(pair.Prompt + pair.Other) ? pair : (pair.Prompt, One: pair.Other, Other: pair.One)).ToList();
        var right = _models.Rows("right.jsonl", [.. ordered.Select(pair => Row(pair.Prompt, pair.One, pair.Other))]);
        var wrong = _models.Rows("wrong.jsonl", [.. ordered.Select(pair => Row(pair.Prompt, pair.Other, pair.One))]);
        Findings.OfTraining(_models.Reward(), right).Has("label-order", Severity.Ok, "accuracy 1.000", $"on {pairs.Count} of {pairs.Count} pairs");
        Findings.OfTraining(_models.Reward(), wrong).Has("label-order", Severity.Error, "accuracy .000", "exchanged");
        Assert.DoesNotContain(Findings.OfTraining(_models.Language(), wrong), finding => finding.Check == "label-order"); // a new head knows nothing yet
    }

    public void Dispose() => _models.Dispose();

    private static double Score(string text) => TinyModels.Score("llama-gqa", [.. TinyModels.Ids(text), 2]);

    private static string Row(string prompt, string chosen, string rejected) => new JsonObject { ["prompt"] = prompt, ["chosen"] = chosen, ["rejected"] = rejected }.ToJsonString();
}
