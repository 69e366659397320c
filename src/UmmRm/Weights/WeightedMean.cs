using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Weights;

/// <summary>
/// A weighted mean of tensors, made block by block: x_0 - sum_(i >= 1) w_i (x_0 - x_i), where w_0 = 1 - sum_(i >= 1) w_i.
/// Written as distances from the first, so that equal tensors give exactly themselves; accumulated in float32 and rounded once to the stored type.
/// </summary>
internal sealed class WeightedMean
{
    private const int BlockElements = 1 << 16; // a few such blocks stay in the cache of one core

    private readonly (ITensorSource Source, string Name)[] _terms;
    private readonly double[] _weights;
    private readonly ScalarType _type;
    private readonly int _elementLength;

    /// <summary>Prepares the mean of tensors of one shape and type.</summary>
    /// <param name="terms">The tensors.</param>
    /// <param name="weights">A weight for every tensor; they sum to 1.</param>
    /// <exception cref="InvalidDataException">The tensors' forms differ, or are not F32, BF16 or F16.</exception>
    public WeightedMean((ITensorSource Source, string Name)[] terms, double[] weights)
    {
        (_terms, _weights) = (terms, weights);
        var first = Info(terms[0]);
        if (first.Type != TensorType.F32 && first.Type != TensorType.BF16 && first.Type != TensorType.F16)
            throw new InvalidDataException($"tensor '{first.Name}' is {first.Form}; only F32, BF16 and F16 tensors can be averaged");
        foreach (var other in terms.Skip(1).Select(Info))
        {
            if (other.Form != first.Form)
                throw new InvalidDataException($"tensor '{other.Name}' is {other.Form}, but '{first.Name}', which it is averaged with, is {first.Form}");
        }
        _type = first.Type.ToTorch()!.Value;
        _elementLength = first.Type.Bits / 8;
    }

    /// <summary>Fills the destination with the mean's data from a byte offset on.</summary>
    public void Read(long offset, Span<byte> destination)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var length = Math.Min(BlockElements, destination.Length / _elementLength);
        var (stored, first, other, sum) = (empty([length], _type), empty([length], ScalarType.Float32), empty([length], ScalarType.Float32), empty([length], ScalarType.Float32));
        while (destination.Length > 0)
        {
            var bytes = stored.bytes[..Math.Min(length * _elementLength, destination.Length)];
            Load(0, offset, bytes);
            first.copy_(stored);
            sum.zero_();
            for (var i = 1; i < _terms.Length; i++)
            {
                Load(i, offset, bytes);
                sum.add_(other.copy_(stored).sub_(first), alpha: Scalars.Of(-_weights[i]));
            }
            stored.copy_(first.sub_(sum));
            bytes.CopyTo(destination);
            destination = destination[bytes.Length..];
            offset += bytes.Length;
        }
    }

    private void Load(int term, long offset, Span<byte> bytes) => _terms[term].Source.Read(_terms[term].Name, offset, bytes);

    private static TensorInfo Info((ITensorSource Source, string Name) term) => term.Source.Find(term.Name) ?? throw new InvalidDataException($"there is no tensor '{term.Name}'");
}
