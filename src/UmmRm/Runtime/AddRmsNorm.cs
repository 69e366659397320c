using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace UmmRm.Runtime;

/// <summary>
/// A residual addition and the RMSNorm after it in one pass over memory: s = x.Plus(update), y = s / sqrt(mean(s^2) + epsilon) * weight
/// (arXiv 1910.07467). The stream x and s may be float32 while update and y are bfloat16. The backward pass keeps s alone.
/// </summary>
internal sealed class AddRmsNorm : autograd.MultiTensorFunction<AddRmsNorm>
{
    /// <inheritdoc/>
    public override string Name => nameof(AddRmsNorm);

    /// <summary>The sum and its norm.</summary>
    /// <param name="x">[..., d] the residual stream.</param>
    /// <param name="update">[..., d] what is added to it, in <paramref name="type"/>; null for nothing: then the sum is x itself.</param>
    /// <param name="weight">[d] the learned scale.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <param name="type">The norm's type.</param>
    public static (Tensor Sum, Tensor Normal) Forward(Tensor x, Tensor? update, Tensor weight, double epsilon, ScalarType type)
    {
        if (!Simd.Takes(x, update ?? x, weight) || type is not (ScalarType.Float32 or ScalarType.BFloat16) || (update is not null && update.dtype != type))
            return Plain(x, update, weight, epsilon, type);
        if (!is_grad_enabled())
            return Compute(x, update, weight, epsilon, type);
        if (update is null)
            return (x.alias(), apply(weight, epsilon, type, x)[0]);
        var outputs = apply(weight, epsilon, type, x, update);
        return (outputs[1], outputs[0]);
    }

    /// <summary>The same by torch's own operators.</summary>
    public static (Tensor Sum, Tensor Normal) Plain(Tensor x, Tensor? update, Tensor weight, double epsilon, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var sum = update is null ? x.alias() : x.Plus(update);
        var wide = sum.to_type(ScalarType.Float32);
        var scale = wide.mul(wide).mean([-1], keepdim: true).Plus(epsilon).rsqrt();   // [..., 1]
        return scope.MoveToOuter(sum, (wide * scale * weight).to_type(type));
    }

    /// <inheritdoc/>
    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (weight, epsilon, type, x) = ((Tensor)vars[0], (double)vars[1], (ScalarType)vars[2], (Tensor)vars[3]);
        var update = vars.Length > 4 ? (Tensor)vars[4] : null;
        var (sum, normal) = Compute(x, update, weight, epsilon, type);
        ctx.save_for_backward([sum, weight]);
        ctx.save_data(nameof(epsilon), epsilon);
        ctx.save_data(nameof(type), type);
        ctx.set_materialize_grads(false); // TorchSharp would look at outputs that are disposed by then
        return update is null ? [normal] : [normal, sum];
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
    {
        using var scope = NewDisposeScope();
        var saved = ctx.get_saved_variables();
        var (sum, weight, epsilon) = (saved[0], saved[1], (double)ctx.get_data("epsilon"));
        var type = (ScalarType)ctx.get_data("type");
        var gradient = HandedGradients.IsMissing(grad_outputs[0]) ? zeros(sum.shape, dtype: type) : grad_outputs[0].contiguous();
        var later = grad_outputs.Count == 1 || HandedGradients.IsMissing(grad_outputs[1]) ? null : grad_outputs[1].contiguous();
        var dSum = empty_like(sum);
        var dUpdate = grad_outputs.Count == 1 || sum.dtype == type ? null : empty(sum.shape, dtype: type);
        var dWeight = Backward(sum, weight, epsilon, gradient, later, dSum, dUpdate).to_type(weight.dtype);
        var result = grad_outputs.Count == 1
            ? HandedGradients.HandOver(dWeight, null, null, dSum)
            : HandedGradients.HandOver(dWeight, null, null, dSum, dUpdate ?? dSum.to_type(type));
        grad_outputs.ForEach(tensor => tensor?.Dispose());
        return result;
    }

    private static (Tensor Sum, Tensor Normal) Compute(Tensor x, Tensor? update, Tensor weight, double epsilon, ScalarType type)
    {
        var sum = update is null ? x.alias() : empty_like(x);
        var normal = empty(x.shape, dtype: type);
        var (w, width) = (Simd.Vector(weight), (int)weight.NumberOfElements);
        Simd.ForRows((int)(x.NumberOfElements / width), x.NumberOfElements, (_, from, to) =>
        {
            var xs = new TensorRows(x, width);
            var updates = new TensorRows(update ?? x, width);
            var sums = new TensorRows(sum, width);
            var normals = new TensorRows(normal, width);
            for (var row = from; row < to; row++)
            {
                var s = xs.Read(row);
                if (update is not null)
                {
                    Add(s, updates.Read(row), sums.Target(row));
                    sums.Written(row);
                    s = sums.Read(row);
                }
                Scale(s, Reciprocal(s, width, epsilon), w, normals.Target(row));
                normals.Written(row);
            }
        });
        return (sum, normal);
    }

    /// <summary>With a = 1 / root and g = gradient * weight: ds = a g - s a^3 mean(g s) + later, in the stream's type and perhaps in the update's; returns the weight's gradient, sum of gradient s a.</summary>
    private static Tensor Backward(Tensor sum, Tensor weight, double epsilon, Tensor gradient, Tensor? later, Tensor dSum, Tensor? dUpdate)
    {
        var (w, width) = (Simd.Vector(weight), (int)weight.NumberOfElements);
        var rows = (int)(sum.NumberOfElements / width);
        var partial = Enumerable.Range(0, Simd.Parts(rows, sum.NumberOfElements)).Select(_ => new float[w.Length]).ToArray();
        Simd.ForRows(rows, sum.NumberOfElements, (part, from, to) =>
        {
            var sums = new TensorRows(sum, width);
            var gradients = new TensorRows(gradient, width);
            var laters = new TensorRows(later ?? sum, width);
            var dSums = new TensorRows(dSum, width);
            var dUpdates = new TensorRows(dUpdate ?? dSum, width);
            for (var row = from; row < to; row++)
            {
                var s = sums.Read(row);
                var ds = dSums.Target(row);
                BackwardRow(s, Reciprocal(s, width, epsilon), width, w, gradients.Read(row), later is null ? default : laters.Read(row), ds, partial[part]);
                dSums.Written(row);
                if (dUpdate is not null)
                    dUpdates.Write(row, ds);
            }
        });
        for (var part = 1; part < partial.Length; part++)
            Add(partial[0], partial[part], partial[0]);
        return tensor(partial[0][..width]);
    }

    private static float Reciprocal(ReadOnlySpan<float> s, int width, double epsilon) => (float)(1 / Math.Sqrt(Lanes.Dot(s, s) / width + epsilon));

    [MethodImpl(Lanes.Loop)]
    private static void Add(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> sum)
    {
        for (var i = 0; i < sum.Length; i += Lanes.Width)
            Lanes.Store(Lanes.Load(x, i) + Lanes.Load(y, i), sum, i);
    }

    [MethodImpl(Lanes.Loop)]
    private static void Scale(ReadOnlySpan<float> s, float scale, ReadOnlySpan<float> w, Span<float> normal)
    {
        for (var i = 0; i < normal.Length; i += Lanes.Width)
            Lanes.Store(Lanes.Load(s, i) * scale * Lanes.Load(w, i), normal, i);
    }

    [MethodImpl(Lanes.Loop)]
    private static void BackwardRow(ReadOnlySpan<float> s, float scale, int width, ReadOnlySpan<float> w, ReadOnlySpan<float> gradient, ReadOnlySpan<float> later, Span<float> dSum, Span<float> dWeight)
    {
        var projection = Vector512<float>.Zero;
        for (var i = 0; i < s.Length; i += Lanes.Width)
        {
            var along = Lanes.Load(gradient, i) * Lanes.Load(s, i);
            projection = Vector512.FusedMultiplyAdd(along, Lanes.Load(w, i), projection);
            Lanes.Store(Vector512.FusedMultiplyAdd(along, Vector512.Create(scale), Lanes.Load(dWeight, i)), dWeight, i);
        }
        var inward = Vector512.Create(-Vector512.Sum(projection) * scale * scale * scale / width);
        for (var i = 0; i < s.Length; i += Lanes.Width)
        {
            var d = Vector512.FusedMultiplyAdd(Lanes.Load(s, i), inward, Lanes.Load(gradient, i) * Lanes.Load(w, i) * scale);
            Lanes.Store(later.IsEmpty ? d : d + Lanes.Load(later, i), dSum, i);
        }
    }
}
