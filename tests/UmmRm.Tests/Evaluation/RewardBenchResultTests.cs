using System.Text.Json.Nodes;
using UmmRm.Evaluation;

namespace UmmRm.Tests.Evaluation;

public sealed class RewardBenchResultTests
{
    private static readonly RewardBenchResult Result = new()
    {
        Model = "models/umm",
        Tokenizer = "models/umm",
        Rows =
        [
            new("p1", "p1 good", "p1 bad", 2.5, -1, new Dictionary<string, string> { ["subset"] = "chat", ["id"] = "17", ["results"] = "of somebody else" }),
            new("p2", "p2 good", "p2 bad", 1, 1, new Dictionary<string, string> { ["subset"] = "chat" }),
            new("p3", "\u00e9 <b>", "p3 bad", 0, -3, new Dictionary<string, string> { ["subset"] = "safety" }),
        ],
    };

    [Fact]
    public void Summary_WithSubsets_HasTheirAccuracies()
    {
        var expected = JsonNode.Parse("""{"accuracy": 0.6666666666666666, "num_prompts": 3, "model": "models/umm", "ref_model": null, "tokenizer": "models/umm", "chat_template": null, "extra_results": {"chat": 0.5, "safety": 1}}""");
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(Result.Summary())), Result.Summary());
    }

    [Fact]
    public void Summary_WithoutSubsets_HasNoExtraResults()
    {
        var result = Result with { Rows = [.. Result.Rows.Select(row => row with { Columns = new Dictionary<string, string>() })] };
        Assert.Contains("\"extra_results\":null", result.Summary(), StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_EachPair_HasRewardBenchsColumnsThenTheDataSets()
    {
        var lines = Result.Lines().ToList();
        Assert.Equal(3, lines.Count);
        Assert.Equal("""{"prompt":"p1","results":1,"scores_chosen":2.5,"scores_rejected":-1,"text_chosen":"p1 good","text_rejected":"p1 bad","subset":"chat","id":"17"}""", lines[0]);
        Assert.Equal(0, (int)JsonNode.Parse(lines[1])!["results"]!); // a tie is wrong
        Assert.Contains("\u00e9 <b>", lines[2], StringComparison.Ordinal);
    }
}
