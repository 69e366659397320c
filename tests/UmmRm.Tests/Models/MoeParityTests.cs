using UmmRm.Models;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Tests.Models;

/// <summary>The mixture, its gates and its blends against values written token by token from the definitions (Golden/moe).</summary>
public sealed class MoeParityTests
{
    private const double Tolerance = 1e-4;
    private static readonly double[] Given = [0.4, 0.05, 0.05, 0.2, 0.1, 0.15, 0.05];

    public static TheoryData<string, int, double> Layers
    {
        get
        {
            var data = new TheoryData<string, int, double>();
            foreach (var name in (string[])["layer-swiglu", "layer-neox"])
            {
                foreach (var k in (int[])[2, 4, 6])
                {
                    foreach (var alpha in (double[])[0.1, 0.5, 0.75, 0.9])
                        data.Add(name, k, alpha);
                }
                data.Add(name, 1, 0.5);
                data.Add(name, 7, 0.5);
            }
            return data;
        }
    }

    public static TheoryData<string, string> Families => new() { { "llama", "llama-gqa" }, { "qwen2", "qwen2-untied" }, { "neox", "neox-parallel" } };

    [Theory]
    [MemberData(nameof(Layers))]
    public void SharedExpertMoe_OneLayer_GivesReferenceOutputGatesAndGradients(string name, int k, double alpha)
    {
        using var scope = NewDisposeScope();
        using var file = new GoldenTensors("moe", $"{name}.safetensors");
        var (moe, context, gates) = Layer(file, name, k, alpha);
        var tag = $"k{k}.alpha{alpha}";
        var input = file["input"].to(ComputeDevice.Current).clone().requires_grad_();
        var output = moe.Forward(input, 0, context);
        TensorAssert.Close(file[$"{tag}.output"], output, Tolerance, $"{tag} output");
        TensorAssert.Close(file[$"{tag}.gates"].narrow(1, 1, 7), gates.Dense(7) * (1 - alpha), Tolerance, $"{tag} gates");
        if (alpha != 0.5)
            return;
        (output * file["cotangent"].to(ComputeDevice.Current)).sum().backward();
        TensorAssert.RelativelyClose(file[$"{tag}.grad.input"], input.grad!, Tolerance, "input");
        foreach (var (parameter, tensor) in moe.named_parameters())
            TensorAssert.RelativelyClose(file[$"{tag}.grad.{parameter}"], tensor.grad ?? zeros_like(tensor), Tolerance, parameter);
    }

    [Theory]
    [InlineData("layer-swiglu", 0.1)]
    [InlineData("layer-swiglu", 0.5)]
    [InlineData("layer-neox", 0.9)]
    public void BlendedFeedForward_OneLayer_GivesTheMergedNetworksOutput(string name, double alpha)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var file = new GoldenTensors("moe", $"{name}.safetensors");
        var (moe, context, _) = Layer(file, name, 2, alpha);
        foreach (var (kind, beta) in new[] { ("uniform", Enumerable.Repeat(1.0 / 7, 7).ToArray()), ("given", Given) })
        {
            var blend = new BlendedFeedForward(moe, alpha, beta);
            TensorAssert.Close(file[$"merged.{kind}.alpha{alpha}.output"], blend.Forward(file["input"].to(ComputeDevice.Current), 0, context), Tolerance, kind);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void RewardModel_Mixture_GivesReferenceScoresGradientsAndExpectedGates(string family, string trunk)
    {
        using var scope = NewDisposeScope();
        using var file = new GoldenTensors("moe", $"model-{family}.safetensors");
        var batches = new[] { GoldenModel.Batch(file["input_ids"], file["attention_mask"]), GoldenModel.Batch(file["calibration.input_ids"], ones_like(file["calibration.input_ids"])) };
        foreach (var k in (int[])[2, 4, 6])
        {
            var model = GoldenModel.Mixture(file, trunk, k, 0.5);
            var gates = new ExpectedGates(model.Decoder.Config);
            foreach (var (input, mask, ends) in batches)
            {
                gates.Weights = mask;
                model.Forward(input, ends, gates);
            }
            for (var layer = 0; layer < model.Decoder.Config.NumLayers; layer++)
                TensorAssert.Close(file[$"k{k}.expected_gates.{layer}"], tensor(gates.PerLayer()[layer]), Tolerance, $"k{k} layer {layer}");

            var scores = model.Forward(batches[0].Input, batches[0].Ends).view(-1, 2);
            TensorAssert.Close(file[$"k{k}.scores"], scores.view(-1), Tolerance, $"k{k}");
            if (k != 2)
                continue;
            (-nn.functional.logsigmoid(scores.select(1, 0) - scores.select(1, 1)).mean()).backward();
            foreach (var (name, parameter) in model.named_parameters())
                TensorAssert.RelativelyClose(file[$"k2.grad.{GoldenModel.MixtureName(name, model)}"], parameter.grad ?? zeros_like(parameter), Tolerance, name);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void RewardModel_BlendedExperts_GivesTheReferenceMergedScores(string family, string trunk)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var file = new GoldenTensors("moe", $"model-{family}.safetensors");
        var (input, _, ends) = GoldenModel.Batch(file["input_ids"], file["attention_mask"]);
        foreach (var (k, alpha, expected, beta) in new (int, double, string, Func<int, double[]>)[]
                 {
                     (2, 0.5, "k2.merged.uniform.scores", _ => Enumerable.Repeat(1.0 / 7, 7).ToArray()),
                     (2, 0.5, "k2.merged.expected_gate.scores", layer => Doubles(file[$"k2.expected_gates.{layer}"])),
                     (4, 0.5, "k4.merged.expected_gate.scores", layer => Doubles(file[$"k4.expected_gates.{layer}"])),
                     (4, 0.1, "alpha0.1.merged.uniform.scores", _ => Enumerable.Repeat(1.0 / 7, 7).ToArray()),
                     (4, 0.75, "alpha0.75.merged.uniform.scores", _ => Enumerable.Repeat(1.0 / 7, 7).ToArray()),
                     (2, 0.5, "learned.scores", layer => Doubles(file[$"learned.beta.{layer}"])),
                 })
        {
            var model = GoldenModel.Mixture(file, trunk, k, alpha);
            foreach (var layer in model.Decoder.Layers)
                layer.Substitute(new BlendedFeedForward((SharedExpertMoe)layer.FeedForward, alpha, beta(layer.Index)));
            TensorAssert.Close(file[expected], model.Forward(input, ends).view(-1), Tolerance, expected);
        }
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.75)]
    public void RewardModel_MixtureWithAnotherAlpha_GivesReferenceScores(double alpha)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var file = new GoldenTensors("moe", "model-llama.safetensors");
        var (input, _, ends) = GoldenModel.Batch(file["input_ids"], file["attention_mask"]);
        TensorAssert.Close(file[$"k4.alpha{alpha}.scores"], GoldenModel.Mixture(file, "llama-gqa", 4, alpha).Forward(input, ends).view(-1), Tolerance);
    }

    [Theory]
    [InlineData(2, 0.5)]
    [InlineData(6, 0.9)]
    public void RewardModel_EqualExperts_ComputesTheDenseModelsScores(int k, double alpha)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var expected = new GoldenTensors("models", "llama-gqa", "expected.safetensors");
        using var dense = new GoldenTensors("models", "llama-gqa", "rm", "model.safetensors");
        var model = new RewardModel(GoldenModel.Config("llama-gqa", new MoeConfig { NumExperts = 8, TopK = k, SharedExpertWeight = alpha }));
        foreach (var (name, parameter) in model.named_parameters())
            parameter.copy_(name.Contains("router", StringComparison.Ordinal) ? randn_like(parameter) : dense[System.Text.RegularExpressions.Regex.Replace(name, @"experts\.\d+\.", "")]);
        var (input, _, ends) = GoldenModel.Batch(expected, "left");
        TensorAssert.Close(expected["rm.scores"], model.Forward(input, ends).view(-1), 1e-5);
    }

    private static (SharedExpertMoe Moe, ForwardContext Context, GateRecord Gates) Layer(GoldenTensors file, string name, int k, double alpha)
    {
        var config = GoldenModel.Config(name == "layer-neox" ? "neox-parallel" : "llama-gqa", new MoeConfig { NumExperts = 8, TopK = k, SharedExpertWeight = alpha }) with { HiddenSize = 16, IntermediateSize = 24 };
        var moe = new SharedExpertMoe(config, ScalarType.Float32);
        using (no_grad())
        {
            foreach (var (parameter, tensor) in moe.named_parameters())
                tensor.copy_(file[parameter]);
        }
        var gates = new GateRecord();
        var input = new TokenInput(zeros(1, 1, dtype: ScalarType.Int64, device: ComputeDevice.Current), zeros(1, 1, dtype: ScalarType.Int64, device: ComputeDevice.Current));
        return (moe, ForwardContext.Create(input, new RotaryEmbedding(config), Precision.Float32, gates: gates), gates);
    }

    private static double[] Doubles(Tensor tensor) => [.. tensor.to_type(ScalarType.Float64).data<double>()];

    private sealed class GateRecord : IGateObserver
    {
        private Tensor? _indices;
        private Tensor? _probabilities;

        public void Observe(int layer, Tensor logits, Tensor indices, Tensor probabilities) =>
            (_indices, _probabilities) = (indices.clone().DetachFromDisposeScope(), probabilities.detach().clone().DetachFromDisposeScope());

        public Tensor Dense(int experts) => zeros([_indices!.shape[0], experts], device: _indices.device).scatter(1, _indices, _probabilities!);
    }
}
