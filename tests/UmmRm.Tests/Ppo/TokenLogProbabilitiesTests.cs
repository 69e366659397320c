using UmmRm.Ppo;
using static TorchSharp.torch;

namespace UmmRm.Tests.Ppo;

public sealed class TokenLogProbabilitiesTests
{
    [Theory]
    [InlineData(ScalarType.Float32)] // the kernels
    [InlineData(ScalarType.Float64)] // torch's own operators: the kernels do not take these numbers
    public void MeasureAndBackward_AnyLogits_AreThoseOfLogSoftmax(ScalarType type)
    {
        const double Tolerance = 1e-5;
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        var (hidden, head, targets) = (randn([7, 5], generator: generator).to_type(type), randn([37, 5], generator: generator).to_type(type).requires_grad_(), tensor(new long[] { 0, 36, 5, 5, 20, 1, 16 }));
        double[] weights = [0.5, -1, 2, 0, 0.1, -0.3, 1];
        var plain = hidden.clone().requires_grad_();
        var all = plain.matmul(head.t()).log_softmax(-1);
        var own = all.gather(-1, targets.unsqueeze(-1)).squeeze(-1);
        (own * own * tensor(weights)).sum().backward(); // slope 2 w log p
        var (hiddenGradient, headGradient) = (plain.grad!.clone(), head.grad!.clone());
        head.grad = null;

        var leaf = hidden.clone().requires_grad_();
        var (measured, entropies) = TokenLogProbabilities.Measure(leaf, Logits, 37, targets);
        var seen = new double[7];
        TokenLogProbabilities.Backward(leaf, Logits, 37, targets, (i, logProbability) => 2 * weights[i] * (seen[i] = logProbability));
        TensorAssert.Close(own, tensor(measured), Tolerance, "log-probabilities");
        TensorAssert.Close(-(all.exp() * all).sum(dim: -1), tensor(entropies), Tolerance, "entropies");
        RlFacts.Close(measured, seen);
        TensorAssert.Close(hiddenGradient, leaf.grad!, 10 * Tolerance, "hidden states' gradient");
        TensorAssert.Close(headGradient, head.grad!, 10 * Tolerance, "head's gradient");

        Tensor Logits(Tensor x) => nn.functional.linear(x, head);
    }
}
