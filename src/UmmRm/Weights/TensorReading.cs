using TorchSharp;
using static TorchSharp.torch;

namespace UmmRm.Weights;

/// <summary>From a source into torch's memory.</summary>
public static class TensorReading
{
    private const long LargestPart = 1 << 30; // a span counts its bytes in 31 bits; larger tensors are read in parts

    /// <summary>Reads one tensor; the caller disposes it.</summary>
    /// <param name="source">Where it is.</param>
    /// <param name="name">Its name.</param>
    /// <param name="type">The wanted element type; null keeps the stored one.</param>
    /// <exception cref="InvalidDataException">There is no such tensor, or torch has no such element type.</exception>
    public static Tensor ReadTensor(this ITensorSource source, string name, ScalarType? type = null)
    {
        var info = Get(source, name);
        var tensor = empty([.. info.Shape], type ?? TorchType(info));
        try
        {
            source.ReadInto(name, tensor);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Fills a tensor that exists already, on any device, converting to its element type. Peak memory beside it is one block.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor, its shape is another one, or torch has no such element type.</exception>
    /// <exception cref="ArgumentException">The destination's elements do not lie one after the other.</exception>
    public static void ReadInto(this ITensorSource source, string name, Tensor destination)
    {
        var info = Get(source, name);
        var stored = TorchType(info);
        if (!info.Shape.SequenceEqual(destination.shape))
            throw new InvalidDataException($"tensor '{name}' has the shape [{string.Join(", ", info.Shape)}]; expected [{string.Join(", ", destination.shape)}]");
        if (!destination.is_contiguous())
            throw new ArgumentException($"the destination of tensor '{name}' is not contiguous: read into a contiguous tensor and copy from it");
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var flat = destination.detach().view(-1);
        if (destination.dtype == stored && destination.device_type == DeviceType.CPU)
            Fill(source, info, flat);
        else
            Convert(source, info, flat, stored);
    }

    /// <summary>Reads straight into the tensor's memory.</summary>
    private static void Fill(ITensorSource source, TensorInfo info, Tensor flat)
    {
        var elementLength = info.Type.Bits / 8;
        foreach (var (start, count) in Parts(info.Elements, LargestPart / elementLength))
        {
            using var part = flat.narrow(0, start, count);
            source.Read(info.Name, start * elementLength, part.bytes);
        }
    }

    /// <summary>Reads block by block into memory of the stored type and converts from there.</summary>
    private static void Convert(ITensorSource source, TensorInfo info, Tensor flat, ScalarType stored)
    {
        var elementLength = info.Type.Bits / 8;
        var length = Safetensors.BlockLength / elementLength;
        var block = empty([Math.Min(length, info.Elements)], stored);
        var wanted = TensorType.Of(flat.dtype);
        var plain = flat.device_type == DeviceType.CPU && StoredFloats.Supports(info.Type) && StoredFloats.Supports(wanted);
        foreach (var (start, count) in Parts(info.Elements, length))
        {
            using var part = block.narrow(0, 0, count);
            using var target = flat.narrow(0, start, count);
            source.Read(info.Name, start * elementLength, part.bytes);
            if (plain)
                StoredFloats.Convert(info.Type, part.bytes, wanted, target.bytes);
            else
                target.copy_(part);
        }
    }

    /// <summary>Cuts [0, total) into parts of at most <paramref name="length"/>.</summary>
    private static IEnumerable<(long Start, long Count)> Parts(long total, long length)
    {
        for (var start = 0L; start < total; start += length)
            yield return (start, Math.Min(length, total - start));
    }

    private static TensorInfo Get(ITensorSource source, string name) =>
        source.Find(name) ?? throw new InvalidDataException($"there is no tensor '{name}'; there are {source.Tensors.Count} others");

    private static ScalarType TorchType(TensorInfo info) =>
        info.Type.ToTorch() ?? throw new InvalidDataException($"tensor '{info.Name}' is stored as {info.Type}, which torch cannot hold; convert the checkpoint to F32, BF16 or F16");
}
