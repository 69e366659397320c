using System.Text.Json.Nodes;
using UmmRm.Recipes;
using UmmRm.Tests.Cli;
using UmmRm.Weights;

namespace UmmRm.Tests.Recipes;

public sealed class SftExecutorTests
{
    /// <summary>The paper's base models name no padding token: the one that their SFT stage names is what the reward models after it are padded with.</summary>
    [Theory]
    [InlineData(null, null)]
    [InlineData("w03", 3)]
    public void Sft_PadToken_IsWrittenIntoTheModelsFolder(string? token, int? expected)
    {
        using var models = new TinyModels();
        var folder = models.Language();
        var file = Path.Combine(folder, "config.json");
        var config = JsonNode.Parse(File.ReadAllText(file))!;
        config["pad_token_id"] = null;
        File.WriteAllText(file, config.ToJsonString());
        var data = models.Rows("rows.jsonl", """{"prompt": "w10 w11 ", "response": "w12 w13"}""", """{"prompt": "w20 ", "response": "w21 w22"}""");
        string[] pad = token is null ? [] : [$"pad_token={token}"];
        var recipe = RecipeFile.OneStage("sft", "sft", [$"model={folder}", $"data.path={data}", "max_steps=1", "warmup_steps=0", .. pad]);
        new Pipeline(new StageExecutors().Add(new SftExecutor())).Run(recipe, models.Folder["run"], cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(expected, HuggingFaceConfig.Read(Path.Combine(models.Folder["run"], "sft")).Model.PadTokenId);
    }
}
