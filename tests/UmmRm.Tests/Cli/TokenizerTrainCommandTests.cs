using System.Text.Json;
using System.Text.Json.Nodes;

namespace UmmRm.Tests.Cli;

public sealed class TokenizerTrainCommandTests : IDisposable
{
    private readonly TinyModels _models = new();

    [Fact]
    public void TokenizerTrain_ThenTokenizeAndDecode_GivesEveryTextBack()
    {
        string[] texts = ["the cat sat on the mat", "the hat\tof the cat\n", "naïve 🙂 the <|user|>the", ""];
        var data = _models.Rows("rows.jsonl", [.. texts.Select(text => new JsonObject { ["prompt"] = text, ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text }) }.ToJsonString())]);
        var folder = _models.Folder["tokenizer"];
        var run = CommandRun.Of("tokenizer", "train", "--data", data, "--vocab-size", "270", "--output", folder, "--bos-token", "<|begin|>", "--special", "<|user|>", "<|bot|>", "--json");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal((folder, 270, 270 - 256 - 5), ((string)JsonNode.Parse(run.Output)!["output"]!, (int)JsonNode.Parse(run.Output)!["vocab_size"]!, (int)JsonNode.Parse(run.Output)!["merges"]!));

        var strings = string.Concat(texts.Select(text => JsonSerializer.Serialize(text) + "\n"));
        var ids = CommandRun.Reading(strings, "tokenize", "--tokenizer", folder, "--input-format", "json");
        Assert.Equal((0, ""), (ids.Code, ids.Error));
        Assert.All(ids.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("[2", line, StringComparison.Ordinal)); // <|pad|>, <|endoftext|>, <|begin|>
        Assert.Contains("3", ids.Output.Split('\n')[2].Trim('[', ']').Split(','));
        var back = CommandRun.Reading(ids.Output, "tokenize", "--tokenizer", folder, "--input-format", "json", "--decode");
        Assert.Equal(texts.Select(text => "<|begin|>" + text), back.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<string>(line)));
        var bare = CommandRun.Reading(strings, "tokenize", "--tokenizer", folder, "--input-format", "json", "--no-special");
        Assert.Equal(ids.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Replace("[2,", "[", StringComparison.Ordinal).Replace("[2]", "[]", StringComparison.Ordinal)), bare.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void TokenizerTrain_TooFewTexts_SaysHowManyTokensThereAre()
    {
        var run = CommandRun.Of("tokenizer", "train", "--data", _models.Rows("rows.jsonl", "{\"text\": \"aab\"}"), "--output", _models.Folder["tokenizer"]);
        Assert.Equal(0, run.Code);
        Assert.Contains("of 8192 tokens", run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _models.Dispose();
}
