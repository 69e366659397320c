using System.Text.Json.Nodes;
using UmmRm.Models;
using UmmRm.Runtime;
using UmmRm.Tests.Models;
using UmmRm.Weights;
using static TorchSharp.torch;

namespace UmmRm.Tests.Weights;

/// <summary>Heads of other trainers on the reference trunks: with the reference's own head as their weight, their scores follow from the reference's in closed form.</summary>
public sealed class ForeignHeadTests
{
    [Theory]
    [InlineData("llama-gqa", "score.weight", "score.bias", "LlamaForSequenceClassification")]
    [InlineData("llama-gqa", "v_head.summary.weight", "v_head.summary.bias", "LlamaForCausalLM")]
    [InlineData("neox-parallel", "out_proj.weight", "out_proj.bias", "GPTNeoXRewardModel")]
    [InlineData("qwen2-untied", "value_head.weight", null, "LLMForSequenceRegression")]
    public void Load_HeadUnderAnotherName_ScoresAsItsTrainerDoes(string trunk, string weight, string? bias, string architecture)
    {
        using var folder = new TemporaryFolder();
        Write(folder, trunk, weight, bias, bias is null ? 0 : 0.625f, json => json["architectures"] = new JsonArray(architecture));
        AssertScores(folder["rm"], trunk, expected => bias is null ? expected : expected + 0.625);
    }

    [Theory]
    [InlineData("value_head.weight", null, true)]
    [InlineData("value_head.weight", true, true)]
    [InlineData("value_head.weight", false, false)]
    [InlineData("score.weight", null, false)]
    [InlineData("score.weight", true, true)]
    public void Load_MeanAndStdInTheConfig_NormaliseAsOpenRlhfDoes(string weight, bool? asked, bool normalised)
    {
        using var folder = new TemporaryFolder();
        Write(folder, "llama-gqa", weight, null, 0, json =>
        {
            (json["mean"], json["std"]) = (1.5, 3.0);
            if (asked is { } flag)
                json["normalize_reward"] = flag;
        });
        AssertScores(folder["rm"], "llama-gqa", expected => normalised ? (expected - 1.5) / 3 : expected);
    }

    [Fact]
    public void Load_ValueHeadInAFileBeside_IsRead()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        folder.CopyOf(Repository.Golden("models", "llama-gqa", "lm"), "rm");
        using var stored = new GoldenTensors("models", "llama-gqa", "rm", "model.safetensors");
        Safetensors.Write(Path.Combine(folder["rm"], "value_head.safetensors"), new Dictionary<string, Tensor> { ["v_head.summary.weight"] = stored[RewardHead.Name], ["v_head.summary.bias"] = tensor(new[] { -0.25f }) });
        var model = new RewardModel(Checkpoint.ReadConfig(folder["rm"]));
        Assert.Equal(-0.25, Checkpoint.LoadParameters(folder["rm"], model).ScoreConstant);
        TensorAssert.Equal(stored[RewardHead.Name], model.Head);
    }

    [Fact]
    public void Forward_PoolingMean_ReadsTheMeanOfAllTokens()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var folder = new TemporaryFolder();
        Write(folder, "neox-parallel", "out_proj.weight", "out_proj.bias", 0.625f, json => (json["model_type"], json["pooling"], json["architectures"]) = ("gpt_neox_reward_model", "mean", new JsonArray("GPTNeoXRewardModel")));
        var model = Load(folder["rm"]);
        var plain = GoldenModel.Reward("neox-parallel");
        long[] lengths = [3, 7];
        var ids = randint(3, 90, [2, 7], ScalarType.Int64);
        var positions = arange(7, ScalarType.Int64).unsqueeze(0).expand(2, 7).contiguous();
        var scores = model.Forward(new TokenInput(ids, positions) { Lengths = [3, 7] }, tensor(lengths).unsqueeze(1) - 1).view(-1).data<float>().ToArray();
        for (var row = 0; row < 2; row++)
        {
            var text = new TokenInput(ids[row].narrow(0, 0, lengths[row]).unsqueeze(0).contiguous(), positions[row].narrow(0, 0, lengths[row]).unsqueeze(0).contiguous());
            var hidden = plain.Decoder.HiddenStates(text, plain.Decoder.Begin(text, Precision.Float32))[^1];
            Assert.Equal(hidden.squeeze(0).mean([0L]).dot(plain.Head.view(-1)).item<float>() + 0.625, scores[row], 1e-4);
        }
        Assert.Contains("pooling is mean", Assert.Throws<ArgumentException>(() => HuggingFaceConfig.Read(folder["rm"]).AsRewardModel()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("neox-parallel", 0)]
    [InlineData("llama-gqa", 0.625)]
    public void WithoutConstant_Head_IsFoldedIntoTheFinalNormWhereThatHasAShift(string trunk, double left)
    {
        using var folder = new TemporaryFolder();
        Write(folder, trunk, "score.weight", "score.bias", 0.625f, _ => { });
        using (var tensors = ModelTensors.Open(folder["rm"]))
        {
            Checkpoint.Write(folder["out"], HuggingFaceConfig.Read(folder["rm"]), tensors.WithoutConstant(out var dropped), null);
            Assert.Equal(left, dropped);
        }
        using (var written = CheckpointTensors.Open(folder["out"]))
            Assert.Null(written.Find("score.bias"));
        Directory.Move(folder["out"], folder["plain"]);
        AssertScores(folder["plain"], trunk, expected => expected + (0.625 - left));
    }

    [Theory]
    [InlineData(0.0, "std is 0")]
    [InlineData(-1.0, "std is -1")]
    public void Open_StdThatIsNotPositive_IsRefused(double sd, string complaint)
    {
        using var folder = new TemporaryFolder();
        Write(folder, "llama-gqa", "value_head.weight", null, 0, json => (json["mean"], json["std"]) = (1.0, sd));
        Assert.Contains(complaint, Assert.Throws<InvalidDataException>(() => ModelTensors.Open(folder["rm"])).Message, StringComparison.Ordinal);
    }

    private static void Write(TemporaryFolder folder, string trunk, string weight, string? bias, float value, Action<JsonObject> change)
    {
        using var scope = NewDisposeScope();
        folder.CopyOf(Repository.Golden("models", trunk, "rm"), "rm");
        var path = Path.Combine(folder["rm"], "model.safetensors");
        var tensors = Safetensors.Read(path);
        tensors.Remove(RewardHead.Name, out var head);
        tensors[weight] = head!;
        if (bias is not null)
            tensors[bias] = tensor(new[] { value });
        Safetensors.Write(path, tensors);
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(folder["rm"], "config.json")))!.AsObject();
        change(config);
        File.WriteAllText(Path.Combine(folder["rm"], "config.json"), config.ToJsonString());
    }

    private static RewardModel Load(string folder)
    {
        var model = new RewardModel(Checkpoint.ReadConfig(folder));
        model.Constant = Checkpoint.LoadParameters(folder, model).ScoreConstant;
        return model;
    }

    private static void AssertScores(string folder, string trunk, Func<double, double> closedForm)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var expected = new GoldenTensors("models", trunk, "expected.safetensors");
        var (input, _, ends) = GoldenModel.Batch(expected, "right");
        var wanted = expected["rm.scores"].view(-1).data<float>().Select(score => (float)closedForm(score)).ToArray();
        TensorAssert.Close(tensor(wanted), Load(folder).Forward(input, ends).view(-1), 1e-4);
    }
}
