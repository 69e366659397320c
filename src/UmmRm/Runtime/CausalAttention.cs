using static TorchSharp.torch;

namespace UmmRm.Runtime;

/// <summary>
/// Rotary causal attention over whole rows: softmax(R(q) R(k)' / sqrt(hd)) v, with grouped queries and a <see cref="KeyGap"/> a row. Products are
/// torch's, a block of queries at a time against the keys up to the block's end; what is between them are C# kernels that never touch hidden keys.
/// </summary>
internal sealed class CausalAttention : autograd.SingleTensorFunction<CausalAttention>
{
    /// <summary>Tokens of a block of queries.</summary>
    private const int Block = 128;

    /// <inheritdoc/>
    public override string Name => nameof(CausalAttention);

    /// <summary>Attends.</summary>
    /// <param name="query">[b, t, h * hd], not yet turned.</param>
    /// <param name="key">[b, t, g * hd], not yet turned.</param>
    /// <param name="value">[b, t, g * hd].</param>
    /// <param name="cos">[b, t, 1, r/2] float32 cosines of the rotary angles.</param>
    /// <param name="sin">[b, t, 1, r/2] float32 sines.</param>
    /// <param name="headWidth">hd.</param>
    /// <param name="gaps">What each row hides, or null.</param>
    /// <returns>[b, t, h * hd].</returns>
    public static Tensor Forward(Tensor query, Tensor key, Tensor value, Tensor cos, Tensor sin, int headWidth, IReadOnlyList<KeyGap>? gaps)
    {
        using var scope = NewDisposeScope();
        var shape = query.shape;
        var (heads, groups) = ((int)shape[2] / headWidth, (int)key.shape[2] / headWidth);
        var pass = new Pass(new HeadLayout((int)shape[0], (int)shape[1], heads, groups, headWidth), gaps, cos, sin);
        var output = is_grad_enabled() ? apply(query, key, value, pass) : pass.Forward(query, key, value, out _);
        return output.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var pass = (Pass)vars[3];
        var output = pass.Forward((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2], out var kept);
        ctx.save_for_backward([.. kept, pass.Cos, pass.Sin]);
        ctx.save_data(nameof(pass), pass);
        return output;
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using var scope = NewDisposeScope();
        var saved = ctx.get_saved_variables();
        var pass = (Pass)ctx.get_data("pass") with { Cos = saved[^2], Sin = saved[^1] };
        var (dQuery, dKey, dValue) = pass.Backward(saved[0], saved[1], saved[2], saved[3..^2], grad_output.contiguous());
        var result = HandedGradients.HandOver(dQuery, dKey, dValue, null);
        grad_output.Dispose();
        return result;
    }

    private sealed record Pass(HeadLayout Queries, IReadOnlyList<KeyGap>? Gaps, Tensor Cos, Tensor Sin)
    {
        private HeadLayout Keys => Queries with { Heads = Queries.Groups };

        private int Members => Queries.Heads / Queries.Groups;

        private float Scale => (float)(1 / Math.Sqrt(Queries.Width));

        private GapSoftmax Softmax => new(Gaps, Queries.Groups, Members);

        private IEnumerable<(int From, int To)> Blocks => Enumerable.Range(0, (Queries.Tokens + Block - 1) / Block).Select(i => (i * Block, Math.Min(Queries.Tokens, (i + 1) * Block)));

        /// <summary>The output, and what the backward pass needs: packed queries, keys and values, and each block's weights.</summary>
        public Tensor Forward(Tensor query, Tensor key, Tensor value, out List<Tensor> kept)
        {
            using var scope = NewDisposeScope();
            var (q, k, v) = (Queries.Pack(query, Cos, Sin, Scale), Keys.Pack(key, Cos, Sin), Keys.Pack(value, null, null));
            kept = [q, k, v];
            var mixed = new List<Tensor>();
            foreach (var (from, to) in Blocks)
            {
                var weights = Rows(q, from, to).bmm(k.narrow(1, 0, to).transpose(1, 2)); // [b g, n m, to]
                Softmax.Forward(weights, from);
                mixed.Add(weights.bmm(v.narrow(1, 0, to)));
                kept.Add(weights);
            }
            kept.ForEach(tensor => tensor.MoveToOuterDisposeScope());
            return Queries.Unpack(mixed.Count == 1 ? mixed[0] : cat(mixed, 1), null, null).MoveToOuterDisposeScope();
        }

        public (Tensor Query, Tensor Key, Tensor Value) Backward(Tensor q, Tensor k, Tensor v, List<Tensor> weights, Tensor gradient)
        {
            using var scope = NewDisposeScope();
            var outer = Queries.Pack(gradient, null, null);
            var (dk, dv) = (empty_like(k), empty_like(v));
            var dq = new List<Tensor>();
            foreach (var ((from, to), block) in Blocks.Zip(weights).Reverse()) // the last block sees all keys, the others add to what it leaves
            {
                using var inner = NewDisposeScope();
                var d = Rows(outer, from, to);
                var scores = d.bmm(v.narrow(1, 0, to).transpose(1, 2));
                Softmax.Backward(block, scores, from);
                Add(dv, block.transpose(1, 2).bmm(d), to);
                Add(dk, scores.transpose(1, 2).bmm(Rows(q, from, to)), to);
                dq.Insert(0, scores.bmm(k.narrow(1, 0, to)).MoveToOuterDisposeScope());
            }
            return scope.MoveToOuter(Queries.Unpack(dq.Count == 1 ? dq[0] : cat(dq, 1), Cos, Sin, Scale), Keys.Unpack(dk, Cos, Sin), Keys.Unpack(dv, null, null));
        }

        private void Add(Tensor sum, Tensor part, int to)
        {
            if (to == Queries.Tokens)
                sum.copy_(part);
            else
                sum.narrow(1, 0, to).PlusInPlace(part);
        }

        private Tensor Rows(Tensor matrices, int from, int to) => matrices.narrow(1, (long)from * Members, (long)(to - from) * Members);
    }
}
