using System.Text.Json;
using UmmRm.Data;
using UmmRm.Tests.Models;
using UmmRm.Training;
using static TorchSharp.torch;

namespace UmmRm.Tests.Training;

public sealed class MergeTrainerTests
{
    public static TheoryData<string, string> Families => new() { { "llama", "llama-gqa" }, { "qwen2", "qwen2-untied" }, { "neox", "neox-parallel" } };

    [Theory]
    [MemberData(nameof(Families))]
    public void MergeTrainer_TwentySteps_LearnsTheReferenceCoefficients(string family, string trunk)
    {
        using var scope = NewDisposeScope();
        using var file = new GoldenTensors("moe", $"model-{family}.safetensors");
        using var facts = JsonDocument.Parse(File.ReadAllText(Repository.Golden("moe", $"model-{family}.json")));
        var model = GoldenModel.Mixture(file, trunk, 2, 0.5);
        var pairs = GoldenModel.Pairs(file["input_ids"], file["attention_mask"]);
        var start = Enumerable.Range(0, model.Decoder.Config.NumLayers).Select(layer => file[$"k2.expected_gates.{layer}"].to_type(ScalarType.Float64).data<double>().ToArray()).ToList();
        using (var trainer = new MergeTrainer(model, start, new MergeSettings { Steps = 20, LearningRate = 0.05, PadId = 0 }))
        {
            var losses = trainer.Run(pairs).Select(step => step.Loss).ToList();
            var expected = facts.RootElement.GetProperty("learned.losses").EnumerateArray().Select(l => l.GetDouble()).ToList();
            Assert.Equal(20, losses.Count);
            Assert.All(expected.Zip(losses), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
            for (var layer = 0; layer < start.Count; layer++)
                TensorAssert.Close(file[$"learned.beta.{layer}"], tensor(trainer.Coefficients[layer]), 1e-4, $"layer {layer}");
            Assert.Equal(facts.RootElement.GetProperty("learned.loss_after").GetDouble(), trainer.MeanLoss(pairs), 1e-4);
        }
        using var _ = no_grad();
        var (input, _, ends) = GoldenModel.Batch(file["input_ids"], file["attention_mask"]);
        TensorAssert.Close(file["k2.scores"], model.Forward(input, ends).view(-1), 1e-4, "the mixture is itself again");
        Assert.All(model.named_parameters(), p => Assert.True(p.parameter.requires_grad, p.name));
    }

    [Fact]
    public void MergeTrainer_DenseModel_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new MergeTrainer(GoldenModel.Reward("llama-gqa"), [], new MergeSettings { PadId = 0 }));

    [Fact]
    public void GateCalibration_PairsAsSharedRows_GivesTheReferenceExpectedGates()
    {
        using var scope = NewDisposeScope();
        using var file = new GoldenTensors("moe", "model-llama.safetensors");
        var model = GoldenModel.Mixture(file, "llama-gqa", 4, 0.5);
        List<EncodedPair> pairs = [.. GoldenModel.Pairs(file["input_ids"], file["attention_mask"]), .. GoldenModel.Pairs(file["calibration.input_ids"], ones_like(file["calibration.input_ids"]))];
        var gates = GateCalibration.ExpectedGates(model, pairs, padId: 0, tokenBudget: 32);
        for (var layer = 0; layer < gates.Count; layer++)
            TensorAssert.Close(file[$"k4.expected_gates.{layer}"], tensor(gates[layer]), 1e-4, $"layer {layer}");
    }
}
