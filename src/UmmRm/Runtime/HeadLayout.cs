using static TorchSharp.torch;

namespace UmmRm.Runtime;

/// <summary>
/// Moves heads between the rows that projections make, [b, t, h * hd], and the matrices that attention multiplies, [b * g, t * h/g, hd]: a
/// matrix for each of the g key heads, which holds the queries of its whole group, token by token. The rotary turn happens on the way.
/// </summary>
/// <param name="Batch">b.</param>
/// <param name="Tokens">t.</param>
/// <param name="Heads">h, heads of the tensor at hand.</param>
/// <param name="Groups">g, key heads; it divides h.</param>
/// <param name="Width">hd.</param>
internal readonly record struct HeadLayout(int Batch, int Tokens, int Heads, int Groups, int Width)
{
    /// <summary>Rows -> matrices, turned by the angles (where there are any) and scaled.</summary>
    /// <param name="rows">[b, t, h * hd].</param>
    /// <param name="cos">[b, t, 1, r/2] float32 cosines of the angles, or null.</param>
    /// <param name="sin">[b, t, 1, r/2] float32 sines.</param>
    /// <param name="scale">Factor of every number.</param>
    public Tensor Pack(Tensor rows, Tensor? cos, Tensor? sin, float scale = 1)
    {
        var (heads, width) = (Heads, Width);
        var matrices = empty([(long)Batch * Groups, (long)Tokens * Heads / Groups, Width], dtype: rows.dtype);
        ForTokens((layout, from, to) =>
        {
            var tokens = new TensorRows(rows, heads * width);
            var packed = new TensorRows(matrices, width);
            var turn = new Turn(cos, sin, inverse: false);
            for (var token = from; token < to; token++)
            {
                var source = tokens.Read(token);
                for (var head = 0; head < heads; head++)
                {
                    var row = layout.MatrixRow(token, head);
                    turn.Apply(source.Slice(head * width, width), packed.Target(row), token, scale);
                    packed.Written(row);
                }
            }
        });
        return matrices;
    }

    /// <summary>The transpose of <see cref="Pack"/>, which undoes it but for the scale squared: matrices -> rows, turned back and scaled.</summary>
    public Tensor Unpack(Tensor matrices, Tensor? cos, Tensor? sin, float scale = 1)
    {
        var (heads, width) = (Heads, Width);
        var rows = empty([Batch, Tokens, (long)Heads * Width], dtype: matrices.dtype);
        ForTokens((layout, from, to) =>
        {
            var tokens = new TensorRows(rows, heads * width);
            var packed = new TensorRows(matrices, width);
            var turn = new Turn(cos, sin, inverse: true);
            for (var token = from; token < to; token++)
            {
                var target = tokens.Target(token);
                for (var head = 0; head < heads; head++)
                    turn.Apply(packed.Read(layout.MatrixRow(token, head)), target.Slice(head * width, width), token, scale);
                tokens.Written(token);
            }
        });
        return rows;
    }

    private void ForTokens(Action<HeadLayout, int, int> body)
    {
        var layout = this;
        Simd.ForRows(Batch * Tokens, (long)Batch * Tokens * Heads * Width, (_, from, to) => body(layout, from, to));
    }

    private int MatrixRow(int token, int head)
    {
        var group = Heads / Groups;
        return (token / Tokens * Groups + head / group) * Tokens * group + token % Tokens * group + head % group;
    }

    /// <summary>The rotation of one head's first components: its halves are its two coordinates, as in the checkpoints.</summary>
    private readonly ref struct Turn
    {
        private readonly TensorRows _cos;
        private readonly TensorRows _sin;
        private readonly int _half;
        private readonly float _sign;

        public Turn(Tensor? cos, Tensor? sin, bool inverse)
        {
            _sign = inverse ? -1 : 1;
            if (cos is null || sin is null)
                return;
            _half = (int)cos.shape[^1];
            _cos = new TensorRows(cos, _half);
            _sin = new TensorRows(sin, _half);
        }

        public void Apply(ReadOnlySpan<float> from, Span<float> to, int token, float scale)
        {
            if (_half > 0)
                Rotate(from, to, _cos.Read(token), _sin.Read(token), scale);
            for (var i = 2 * _half; i < to.Length; i += Lanes.Width)
                Lanes.Store(Lanes.Load(from, i) * scale, to, i);
        }

        private void Rotate(ReadOnlySpan<float> from, Span<float> to, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin, float scale)
        {
            var (x, y) = (0, _half);
            var upper = from[y..(2 * y)];
            for (; x < _half; x += Lanes.Width)
            {
                var (c, s) = (Lanes.Load(cos, x) * scale, Lanes.Load(sin, x) * (scale * _sign));
                var (a, b) = (Lanes.Load(from[..y], x), Lanes.Load(upper, x));
                Lanes.Store(a * c - b * s, to[..y], x);
                Lanes.Store(b * c + a * s, to[y..(2 * y)], x);
            }
        }
    }
}
