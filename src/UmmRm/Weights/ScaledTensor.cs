namespace UmmRm.Weights;

/// <summary>A stored tensor times a number, made while it is read and rounded to the tensor's own element type.</summary>
/// <param name="source">Where the tensor is.</param>
/// <param name="name">Its name.</param>
/// <param name="factor">The number.</param>
/// <param name="loss">Told what the rounding loses, or null.</param>
internal sealed class ScaledTensor(ITensorSource source, string name, double factor, RoundingLoss? loss = null)
{
    private const int ChunkLength = 4096;

    /// <summary>Fills a span from a byte offset on; see <see cref="ITensorSource.Read"/>.</summary>
    public void Read(long offset, Span<byte> destination)
    {
        var type = source.Find(name)!.Type;
        if (!StoredFloats.Supports(type))
            throw new InvalidDataException($"tensor '{name}' is stored as {type} and cannot be scaled; convert the checkpoint to F32, BF16 or F16");
        source.Read(name, offset, destination);
        Span<float> values = stackalloc float[ChunkLength];
        Span<float> stored = stackalloc float[ChunkLength];
        var length = type.Bits / 8;
        while (destination.Length > 0)
        {
            var bytes = destination[..Math.Min(destination.Length, ChunkLength * length)];
            var chunk = values[..(bytes.Length / length)];
            StoredFloats.Decode(type, bytes, chunk);
            for (var i = 0; i < chunk.Length; i++)
                chunk[i] *= (float)factor;
            StoredFloats.Encode(type, chunk, bytes);
            if (loss is not null)
            {
                StoredFloats.Decode(type, bytes, stored[..chunk.Length]);
                loss.Add(chunk, stored[..chunk.Length]);
            }
            destination = destination[bytes.Length..];
        }
    }
}
