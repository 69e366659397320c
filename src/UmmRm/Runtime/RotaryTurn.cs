using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace UmmRm.Runtime;

/// <summary>The rotation of one head's first components by its token's angles: its halves are its two coordinates, as in the checkpoints.</summary>
internal readonly ref struct RotaryTurn
{
    private readonly TensorRows _cos;
    private readonly TensorRows _sin;
    private readonly int _half;
    private readonly float _sign;

    /// <summary>A turn by the angles, or back by them.</summary>
    /// <param name="cos">[..., r/2] float32, a row a token; null for no turn.</param>
    /// <param name="sin">[..., r/2] float32.</param>
    /// <param name="inverse">true to turn back.</param>
    public RotaryTurn(Tensor? cos, Tensor? sin, bool inverse)
    {
        _sign = inverse ? -1 : 1;
        if (cos is null || sin is null)
            return;
        _half = (int)cos.shape[^1];
        _cos = new TensorRows(cos, _half);
        _sin = new TensorRows(sin, _half);
    }

    /// <summary>Writes the turned and scaled head.</summary>
    public void Apply(ReadOnlySpan<float> from, Span<float> to, int token, float scale)
    {
        if (_half > 0)
            Rotate(from, to, _cos.Read(token), _sin.Read(token), scale);
        Scale(from[(2 * _half)..], to[(2 * _half)..], scale);
    }

    [MethodImpl(Lanes.Loop)]
    private void Rotate(ReadOnlySpan<float> from, Span<float> to, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin, float scale)
    {
        var x = from[.._half];
        var y = from[_half..(2 * _half)];
        var left = to[.._half];
        var right = to[_half..(2 * _half)];
        var i = 0;
        for (; i + Lanes.Width <= _half; i += Lanes.Width)
        {
            var (c, s) = (Lanes.Load(cos, i) * scale, Lanes.Load(sin, i) * (scale * _sign));
            var (a, b) = (Lanes.Load(x, i), Lanes.Load(y, i));
            Lanes.Store(a * c - b * s, left, i);
            Lanes.Store(b * c + a * s, right, i);
        }
        for (; i < _half; i++)
        {
            var (c, s) = (cos[i] * scale, sin[i] * (scale * _sign));
            (left[i], right[i]) = (x[i] * c - y[i] * s, y[i] * c + x[i] * s);
        }
    }

    [MethodImpl(Lanes.Loop)]
    private static void Scale(ReadOnlySpan<float> from, Span<float> to, float scale)
    {
        var i = 0;
        for (; i + Lanes.Width <= from.Length; i += Lanes.Width)
            Lanes.Store(Lanes.Load(from, i) * scale, to, i);
        for (; i < from.Length; i++)
            to[i] = from[i] * scale;
    }
}
