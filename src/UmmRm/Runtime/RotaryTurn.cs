using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace UmmRm.Runtime;

/// <summary>The rotation of the first components of a token's heads by the token's angles: the components' halves are their two coordinates, as in the checkpoints.</summary>
internal readonly ref struct RotaryTurn
{
    private readonly TensorRows _cos;
    private readonly TensorRows _sin;
    private readonly int _half;
    private readonly int _width;
    private readonly float _sign;

    /// <summary>A turn by the angles, or back by them.</summary>
    /// <param name="width">Components of a head.</param>
    /// <param name="cos">[..., r/2] float32, a row a token; null for no turn.</param>
    /// <param name="sin">[..., r/2] float32.</param>
    /// <param name="inverse">true to turn back.</param>
    public RotaryTurn(int width, Tensor? cos, Tensor? sin, bool inverse)
    {
        (_width, _sign) = (width, inverse ? -1 : 1);
        if (cos is null || sin is null)
            return;
        _half = (int)cos.shape[^1];
        _cos = new TensorRows(cos, _half);
        _sin = new TensorRows(sin, _half);
    }

    /// <summary>Writes a token's heads, one after the other, turned and scaled.</summary>
    public void Apply(ReadOnlySpan<float> from, Span<float> to, int token, float scale)
    {
        if (_half > 0)
            Rotate(from, to, _cos.Read(token), _sin.Read(token), scale);
        if (2 * _half < _width)
        {
            for (var head = 0; head < to.Length; head += _width)
                Scale(from[(head + 2 * _half)..(head + _width)], to[(head + 2 * _half)..(head + _width)], scale);
        }
    }

    [MethodImpl(Lanes.Loop)]
    private void Rotate(ReadOnlySpan<float> from, Span<float> to, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin, float scale)
    {
        var i = 0;
        for (; i + Lanes.Width <= _half; i += Lanes.Width)
        {
            var (c, s) = (Lanes.Load(cos, i) * scale, Lanes.Load(sin, i) * (scale * _sign));
            for (var left = i; left < to.Length; left += _width)
            {
                var (a, b) = (Lanes.Load(from, left), Lanes.Load(from, left + _half));
                Lanes.Store(a * c - b * s, to, left);
                Lanes.Store(b * c + a * s, to, left + _half);
            }
        }
        for (; i < _half; i++)
        {
            var (c, s) = (cos[i] * scale, sin[i] * (scale * _sign));
            for (var left = i; left < to.Length; left += _width)
                (to[left], to[left + _half]) = (from[left] * c - from[left + _half] * s, from[left + _half] * c + from[left] * s);
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
