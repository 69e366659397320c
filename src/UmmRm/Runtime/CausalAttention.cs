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
    /// <param name="query">[..., h * hd], not yet turned, a row a token.</param>
    /// <param name="key">[..., g * hd], not yet turned.</param>
    /// <param name="value">[..., g * hd].</param>
    /// <param name="cos">[..., r/2] float32 cosines of the tokens' rotary angles.</param>
    /// <param name="sin">[..., r/2] float32 sines.</param>
    /// <param name="headWidth">hd.</param>
    /// <param name="rows">How the tokens make up rows.</param>
    /// <param name="gaps">What each row hides, or null.</param>
    /// <returns>The shape of the query.</returns>
    public static Tensor Forward(Tensor query, Tensor key, Tensor value, Tensor cos, Tensor sin, int headWidth, TokenRows rows, IReadOnlyList<KeyGap>? gaps)
    {
        using var scope = NewDisposeScope();
        var (heads, groups) = ((int)query.shape[^1] / headWidth, (int)key.shape[^1] / headWidth);
        var pass = new Pass(new HeadLayout(rows, heads, groups, headWidth), gaps, cos, sin);
        (query, key, value) = (query.contiguous(), key.contiguous(), value.contiguous());
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

        private float Scale => (float)(1 / Math.Sqrt(Queries.Width));

        /// <summary>The output, and what the backward pass needs: packed queries, keys and values, and each block's weights.</summary>
        public Tensor Forward(Tensor query, Tensor key, Tensor value, out List<Tensor> kept)
        {
            using var scope = NewDisposeScope();
            var (q, k, v) = (Queries.Pack(query, Cos, Sin, Scale), Keys.Pack(key, Cos, Sin), Keys.Pack(value, null, null));
            kept = [q, k, v];
            var mixed = empty_like(q);
            foreach (var run in Queries.Rows.Runs)
            {
                using var inner = NewDisposeScope();
                var (queries, keys, values, outputs) = (Queries.Matrices(q, run), Keys.Matrices(k, run), Keys.Matrices(v, run), Queries.Matrices(mixed, run));
                foreach (var (from, to) in Blocks(run.Length))
                {
                    var weights = Part(queries, from, to).bmm(keys.narrow(1, 0, to).transpose(1, 2)); // [n g, block m, to]
                    Softmax(run.Row).Forward(weights, from);
                    FusedOps.Products(weights, values.narrow(1, 0, to), Part(outputs, from, to));
                    kept.Add(weights.MoveToOtherDisposeScope(scope));
                }
            }
            kept.ForEach(tensor => tensor.MoveToOuterDisposeScope());
            return Queries.Unpack(mixed, query.shape, null, null).MoveToOuterDisposeScope();
        }

        public (Tensor Query, Tensor Key, Tensor Value) Backward(Tensor q, Tensor k, Tensor v, List<Tensor> weights, Tensor gradient)
        {
            using var scope = NewDisposeScope();
            var outer = Queries.Pack(gradient, null, null);
            var (dq, dk, dv) = (empty_like(q), empty_like(k), empty_like(v));
            var next = 0;
            foreach (var run in Queries.Rows.Runs)
            {
                using var inner = NewDisposeScope();
                var (queries, keys, values, gradients) = (Queries.Matrices(q, run), Keys.Matrices(k, run), Keys.Matrices(v, run), Queries.Matrices(outer, run));
                var (dQueries, dKeys, dValues) = (Queries.Matrices(dq, run), Keys.Matrices(dk, run), Keys.Matrices(dv, run));
                var blocks = Blocks(run.Length).ToList();
                for (var i = blocks.Count - 1; i >= 0; i--) // the last block sees all keys, the others add to what it leaves
                {
                    var (from, to) = blocks[i];
                    var block = weights[next + i];
                    var d = Part(gradients, from, to);
                    var scores = d.bmm(values.narrow(1, 0, to).transpose(1, 2));
                    Softmax(run.Row).Backward(block, scores, from);
                    Leave(dValues.narrow(1, 0, to), block.transpose(1, 2), d, to == run.Length);
                    Leave(dKeys.narrow(1, 0, to), scores.transpose(1, 2), Part(queries, from, to), to == run.Length);
                    FusedOps.Products(scores, keys.narrow(1, 0, to), Part(dQueries, from, to));
                }
                next += blocks.Count;
            }
            var shape = gradient.shape;
            var keyShape = shape[..^1].Append((long)Keys.Heads * Keys.Width).ToArray();
            return scope.MoveToOuter(Queries.Unpack(dq, shape, Cos, Sin, Scale), Keys.Unpack(dk, keyShape, Cos, Sin), Keys.Unpack(dv, keyShape, null, null));
        }

        private static IEnumerable<(int From, int To)> Blocks(int tokens) => Enumerable.Range(0, (tokens + Block - 1) / Block).Select(i => (i * Block, Math.Min(tokens, (i + 1) * Block)));

        private static void Leave(Tensor sum, Tensor left, Tensor right, bool first)
        {
            if (first)
                FusedOps.Products(left, right, sum);
            else
                sum.PlusInPlace(left.bmm(right));
        }

        private GapSoftmax Softmax(int row) => new(Gaps, row, Queries.Groups, Queries.Members);

        private Tensor Part(Tensor matrices, int from, int to) => matrices.narrow(1, (long)from * Queries.Members, (long)(to - from) * Queries.Members);
    }
}
