namespace UmmRm.Weights;

/// <summary>
/// Named tensors whose data are read piece by piece: a file, a folder, a model in memory, or what a function makes of other sources.
/// Upcycling, merging and averaging are functions from sources to a source, so none of them ever holds a model.
/// </summary>
public interface ITensorSource
{
    /// <summary>The tensors in the source's own order; names are unique.</summary>
    IReadOnlyCollection<TensorInfo> Tensors { get; }

    /// <summary>The tensor of that name, or null.</summary>
    TensorInfo? Find(string name);

    /// <summary>Fills <paramref name="destination"/> with the tensor's data from byte <paramref name="offset"/> on.</summary>
    /// <param name="name">A name in <see cref="Tensors"/>.</param>
    /// <param name="offset">Where to begin, in bytes from the tensor's first; a multiple of the element's size.</param>
    /// <param name="destination">A whole number of elements; offset + length lies within the tensor.</param>
    /// <exception cref="InvalidDataException">The data cannot be read or made.</exception>
    void Read(string name, long offset, Span<byte> destination);
}
