using static TorchSharp.torch;

namespace UmmRm.Runtime;

/// <summary>
/// Moves heads between the rows that projections make, [tokens, h * hd], and the matrices that attention multiplies. A batch row of t tokens
/// becomes g matrices [t * h/g, hd], one for each key head, which hold the queries of its whole group token by token; all of them follow each other in
/// one tensor [tokens * h, hd]. The rotary turn happens on the way.
/// </summary>
/// <param name="Rows">The batch rows.</param>
/// <param name="Heads">h, heads of the tensor at hand.</param>
/// <param name="Groups">g, key heads; it divides h.</param>
/// <param name="Width">hd.</param>
internal readonly record struct HeadLayout(TokenRows Rows, int Heads, int Groups, int Width)
{
    /// <summary>Query heads of a group: matrix rows of a token.</summary>
    public int Members => Heads / Groups;

    /// <summary>Rows -> matrices, turned by the angles (where there are any) and scaled.</summary>
    /// <param name="rows">[..., h * hd], contiguous.</param>
    /// <param name="cos">[..., r/2] float32 cosines of the tokens' angles, or null.</param>
    /// <param name="sin">[..., r/2] float32 sines.</param>
    /// <param name="scale">Factor of every number.</param>
    public Tensor Pack(Tensor rows, Tensor? cos, Tensor? sin, float scale = 1)
    {
        var matrices = empty([(long)Rows.Tokens * Heads, Width], dtype: rows.dtype);
        if (cos is null && scale == 1)
        {
            Copy(rows, matrices, pack: true);
            return matrices;
        }
        ForTokens((layout, from, to) =>
        {
            var tokens = new TensorRows(rows, layout.Heads * layout.Width);
            var packed = new TensorRows(matrices, layout.Width);
            var turn = new RotaryTurn(layout.Width, cos, sin, inverse: false);
            var turned = new float[layout.Heads * layout.Width];
            for (var (token, row) = (from, layout.Rows.RowOf(from)); token < to; token++)
            {
                row = layout.RowFrom(row, token);
                turn.Apply(tokens.Read(token)[..turned.Length], turned, token, scale);
                for (var head = 0; head < layout.Heads; head++)
                    packed.Write(layout.MatrixRow(row, token, head), turned.AsSpan(head * layout.Width, layout.Width));
            }
        });
        return matrices;
    }

    /// <summary>The transpose of <see cref="Pack"/>, which undoes it but for the scale squared: matrices -> rows of the given shape, turned back and scaled.</summary>
    public Tensor Unpack(Tensor matrices, ReadOnlySpan<long> shape, Tensor? cos, Tensor? sin, float scale = 1)
    {
        var rows = empty(shape, dtype: matrices.dtype);
        if (cos is null && scale == 1)
        {
            Copy(rows, matrices, pack: false);
            return rows;
        }
        ForTokens((layout, from, to) =>
        {
            var tokens = new TensorRows(rows, layout.Heads * layout.Width);
            var packed = new TensorRows(matrices, layout.Width);
            var turn = new RotaryTurn(layout.Width, cos, sin, inverse: true);
            var turned = new float[layout.Heads * layout.Width];
            for (var (token, row) = (from, layout.Rows.RowOf(from)); token < to; token++)
            {
                row = layout.RowFrom(row, token);
                for (var head = 0; head < layout.Heads; head++)
                    packed.CopyTo(layout.MatrixRow(row, token, head), turned.AsSpan(head * layout.Width, layout.Width));
                turn.Apply(turned, tokens.Target(token)[..turned.Length], token, scale);
                tokens.Written(token);
            }
        });
        return rows;
    }

    /// <summary>The matrices of a run of equal rows as a batch of products: [count * g, t * h/g, hd], a view.</summary>
    public Tensor Matrices(Tensor packed, (int Row, int Count, int Length) run)
    {
        using var part = packed.narrow(0, (long)Rows.Start(run.Row) * Heads, (long)run.Count * run.Length * Heads);
        return part.view((long)run.Count * Groups, (long)run.Length * Members, Width);
    }

    /// <summary>Either without a turn: the numbers as they are.</summary>
    private void Copy(Tensor rows, Tensor matrices, bool pack)
    {
        var size = Width * (int)rows.ElementSize;
        ForTokens((layout, from, to) =>
        {
            var flat = rows.bytes;
            var packed = matrices.bytes;
            for (var (token, row) = (from, layout.Rows.RowOf(from)); token < to; token++)
            {
                row = layout.RowFrom(row, token);
                for (var head = 0; head < layout.Heads; head++)
                {
                    var own = flat.Slice((token * layout.Heads + head) * size, size);
                    var other = packed.Slice(layout.MatrixRow(row, token, head) * size, size);
                    if (pack)
                        own.CopyTo(other);
                    else
                        other.CopyTo(own);
                }
            }
        });
    }

    private void ForTokens(Action<HeadLayout, int, int> body)
    {
        var layout = this;
        Simd.ForRows(Rows.Tokens, (long)Rows.Tokens * Heads * Width, (_, from, to) => body(layout, from, to));
    }

    private int RowFrom(int row, int token)
    {
        while (token >= Rows.Start(row) + Rows.Length(row))
            row++;
        return row;
    }

    private int MatrixRow(int row, int token, int head)
    {
        var (start, members) = (Rows.Start(row), Members);
        var (group, member) = members == 1 ? (head, 0) : Math.DivRem(head, members);
        return start * Heads + (group * Rows.Length(row) + token - start) * members + member;
    }
}
