using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace UmmRm.Runtime;

/// <summary>silu(gate) * up, silu(x) = x sigmoid(x), in one pass over memory; the backward pass keeps the inputs and nothing else.</summary>
internal sealed class SwiGlu : autograd.SingleTensorFunction<SwiGlu>
{
    /// <inheritdoc/>
    public override string Name => nameof(SwiGlu);

    /// <summary>Two tensors [..., m] of the same shape and type -> one.</summary>
    public static Tensor Forward(Tensor gate, Tensor up)
    {
        if (!Simd.Takes(gate, up) || gate.dtype != up.dtype)
            return Plain(gate, up);
        return is_grad_enabled() ? apply(gate, up) : Compute(gate, up);
    }

    /// <summary>The same by torch's own operators.</summary>
    public static Tensor Plain(Tensor gate, Tensor up)
    {
        using var silu = nn.functional.silu(gate);
        return silu * up;
    }

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (gate, up) = ((Tensor)vars[0], (Tensor)vars[1]);
        ctx.save_for_backward([gate, up]);
        return Compute(gate, up);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var saved = ctx.get_saved_variables();
        using var gate = saved[0];
        using var up = saved[1];
        using var outer = grad_output;
        using var gradient = grad_output.contiguous();
        var (dGate, dUp) = (empty_like(gate), empty_like(up));
        ForRows(gate, (width, from, to) =>
        {
            var gates = new TensorRows(gate, width);
            var ups = new TensorRows(up, width);
            var gradients = new TensorRows(gradient, width);
            var dGates = new TensorRows(dGate, width);
            var dUps = new TensorRows(dUp, width);
            for (var row = from; row < to; row++)
            {
                BackwardRow(gates.Read(row), ups.Read(row), gradients.Read(row), dGates.Target(row), dUps.Target(row));
                dGates.Written(row);
                dUps.Written(row);
            }
        });
        return HandedGradients.HandOver(dGate, dUp);
    }

    private static Tensor Compute(Tensor gate, Tensor up)
    {
        var output = empty_like(gate);
        ForRows(gate, (width, from, to) =>
        {
            var gates = new TensorRows(gate, width);
            var ups = new TensorRows(up, width);
            var outputs = new TensorRows(output, width);
            for (var row = from; row < to; row++)
            {
                ForwardRow(gates.Read(row), ups.Read(row), outputs.Target(row));
                outputs.Written(row);
            }
        });
        return output;
    }

    private static void ForRows(Tensor tensor, Action<int, int, int> body)
    {
        var width = (int)tensor.shape[^1];
        Simd.ForRows((int)(tensor.NumberOfElements / width), tensor.NumberOfElements, (_, from, to) => body(width, from, to));
    }

    [MethodImpl(Lanes.Loop)]
    private static void ForwardRow(ReadOnlySpan<float> gate, ReadOnlySpan<float> up, Span<float> output)
    {
        for (var i = 0; i < output.Length; i += Lanes.Width)
        {
            var x = Lanes.Load(gate, i);
            Lanes.Store(x * Lanes.Sigmoid(x) * Lanes.Load(up, i), output, i);
        }
    }

    [MethodImpl(Lanes.Loop)]
    private static void BackwardRow(ReadOnlySpan<float> gate, ReadOnlySpan<float> up, ReadOnlySpan<float> gradient, Span<float> dGate, Span<float> dUp)
    {
        for (var i = 0; i < dGate.Length; i += Lanes.Width)
        {
            var x = Lanes.Load(gate, i);
            var d = Lanes.Load(gradient, i);
            var sigmoid = Lanes.Sigmoid(x);
            var silu = x * sigmoid;
            Lanes.Store(d * silu, dUp, i);
            Lanes.Store(d * Lanes.Load(up, i) * (sigmoid + silu * (Vector512<float>.One - sigmoid)), dGate, i);
        }
    }
}
