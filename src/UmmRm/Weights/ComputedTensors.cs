using static TorchSharp.torch;

namespace UmmRm.Weights;

/// <summary>Fills a span with a tensor's data from a byte offset on; see <see cref="ITensorSource.Read"/>.</summary>
public delegate void TensorBytes(long offset, Span<byte> destination);

/// <summary>Tensors that are made while they are read: each has its own function. Upcycled, merged and averaged models are such sources.</summary>
public sealed class ComputedTensors : ITensorSource
{
    private readonly List<TensorInfo> _tensors = [];
    private readonly Dictionary<string, (TensorInfo Info, TensorBytes Read)> _byName = [];

    /// <inheritdoc/>
    public IReadOnlyCollection<TensorInfo> Tensors => _tensors;

    /// <summary>Tensors that are in memory. They are read when they are written, so they must live and stay unchanged until then.</summary>
    /// <param name="tensors">Names and contiguous tensors on any device.</param>
    /// <param name="storedAs">The element type that floating-point tensors are to be stored in; null keeps each one's own.</param>
    public static ComputedTensors Of(IEnumerable<(string Name, Tensor Tensor)> tensors, TensorType? storedAs = null)
    {
        var source = new ComputedTensors();
        foreach (var (name, tensor) in tensors)
        {
            var type = storedAs is not null && tensor.is_floating_point() ? storedAs : TensorType.Of(tensor.dtype);
            source.Add(new TensorInfo(name, type, tensor.shape), (offset, destination) => Copy(tensor, type, offset, destination));
        }
        return source;
    }

    /// <summary>Adds a tensor.</summary>
    /// <exception cref="ArgumentException">There is one of that name already.</exception>
    public void Add(TensorInfo info, TensorBytes read)
    {
        if (!_byName.TryAdd(info.Name, (info, read)))
            throw new ArgumentException($"there are two tensors called '{info.Name}'");
        _tensors.Add(info);
    }

    /// <summary>Adds an exact copy of another source's tensor, under the same name or a new one.</summary>
    public void AddCopy(ITensorSource source, TensorInfo info, string? newName = null) =>
        Add(info with { Name = newName ?? info.Name }, (offset, destination) => source.Read(info.Name, offset, destination));

    /// <summary>Adds a tensor of given values, rounded to its element type.</summary>
    /// <param name="info">Name, a floating-point type and shape.</param>
    /// <param name="values">One value an element, row-major.</param>
    public void AddValues(TensorInfo info, float[] values)
    {
        if (!StoredFloats.Supports(info.Type))
            throw new ArgumentException($"tensor '{info.Name}' cannot be made as {info.Type}; use F32, BF16 or F16");
        var bytes = new byte[info.ByteLength];
        StoredFloats.Encode(info.Type, values, bytes);
        Add(info, (offset, destination) => bytes.AsSpan((int)offset, destination.Length).CopyTo(destination));
    }

    /// <inheritdoc/>
    public TensorInfo? Find(string name) => _byName.TryGetValue(name, out var entry) ? entry.Info : null;

    /// <inheritdoc/>
    public void Read(string name, long offset, Span<byte> destination)
    {
        if (!_byName.TryGetValue(name, out var entry))
            throw new InvalidDataException($"there is no tensor '{name}'");
        entry.Read(offset, destination);
    }

    private static void Copy(Tensor tensor, TensorType type, long offset, Span<byte> destination)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var elementLength = type.Bits / 8;
        var part = tensor.detach().contiguous().view(-1).narrow(0, offset / elementLength, destination.Length / elementLength).cpu();
        var own = TensorType.Of(part.dtype);
        if (StoredFloats.Supports(own) && StoredFloats.Supports(type))
            StoredFloats.Convert(own, part.bytes, type, destination);
        else
            part.to(type.ToTorch()!.Value).bytes.CopyTo(destination);
    }
}
