namespace UmmRm.Weights;

/// <summary>How far stored numbers are from those that should have been stored, measured while they are written.</summary>
public sealed class RoundingLoss
{
    private double _size;
    private double _error;

    /// <summary>sqrt(sum (stored - exact)^2 / sum exact^2); 0 when nothing was lost.</summary>
    public double Relative => _error == 0 ? 0 : Math.Sqrt(_error / _size);

    /// <summary>Adds numbers and what was stored of them.</summary>
    internal void Add(ReadOnlySpan<float> exact, ReadOnlySpan<float> stored)
    {
        for (var i = 0; i < exact.Length; i++)
        {
            var difference = (double)stored[i] - exact[i];
            _error += difference * difference;
            _size += (double)exact[i] * exact[i];
        }
    }
}
