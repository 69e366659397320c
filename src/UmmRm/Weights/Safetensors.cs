using static TorchSharp.torch;

namespace UmmRm.Weights;

/// <summary>Whole safetensors files: written from any source, block by block, or read into memory.</summary>
public static class Safetensors
{
    /// <summary>How much of a tensor is in memory while it is copied, in bytes.</summary>
    internal const int BlockLength = 1 << 22;

    private static readonly Dictionary<string, string> TorchFormat = new() { ["format"] = "pt" };

    /// <summary>
    /// Writes all tensors of a source, as the reference implementation does: sorted by the alignment of their types, largest first, then by name;
    /// metadata <c>format: pt</c>; the header padded to a multiple of 8. Peak memory is two blocks.
    /// </summary>
    /// <exception cref="IOException">The disk is full or cannot be written. Then, and after any other error, nothing is left behind and a file that was there is unchanged.</exception>
    public static void Write(string path, ITensorSource tensors) => Write(path, tensors, tensors.Tensors, _ => { });

    /// <summary>Writes the tensors of an in-memory dictionary; see the other overload.</summary>
    public static void Write(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors) => Write(path, ComputedTensors.Of(tensors.Select(pair => (pair.Key, pair.Value))));

    /// <summary>Reads every tensor of a file into memory; the caller disposes them.</summary>
    /// <exception cref="InvalidDataException">The file is damaged or holds a type that torch lacks.</exception>
    public static Dictionary<string, Tensor> Read(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return file.Tensors.ToDictionary(info => info.Name, info => file.ReadTensor(info.Name));
    }

    /// <summary>Writes some tensors of a source.</summary>
    /// <param name="path">The file.</param>
    /// <param name="source">Where the data come from.</param>
    /// <param name="tensors">Which tensors, in any order.</param>
    /// <param name="written">Told the number of bytes after each block; may throw to stop.</param>
    internal static void Write(string path, ITensorSource source, IEnumerable<TensorInfo> tensors, Action<long> written)
    {
        var sorted = tensors.OrderByDescending(info => info.Type.Order).ThenBy(info => info.Name, StringComparer.Ordinal);
        var header = SafetensorsHeader.For(sorted, TorchFormat);
        var start = header.ToBytes();
        AtomicFile.Write(path, start.Length + header.Entries.Sum(entry => entry.Info.ByteLength), handle =>
        {
            RandomAccess.Write(handle, start, 0);
            var (filling, full) = (new byte[BlockLength], new byte[BlockLength]);
            var writing = Task.CompletedTask; // a block is written while the next one is made
            try
            {
                foreach (var (name, offset, length, position) in Blocks(header, start.Length))
                {
                    source.Read(name, offset, filling.AsSpan(0, length));
                    writing.GetAwaiter().GetResult();
                    (filling, full) = (full, filling);
                    var block = full.AsMemory(0, length);
                    writing = Task.Run(() => RandomAccess.Write(handle, block.Span, position));
                    written(length);
                }
            }
            finally
            {
                writing.GetAwaiter().GetResult();
            }
        });
    }

    /// <summary>The pieces in which a file's data are written: of which tensor, from which byte of it, how many, and where in the file.</summary>
    private static IEnumerable<(string Name, long Offset, int Length, long Position)> Blocks(SafetensorsHeader header, long dataStart)
    {
        foreach (var (info, begin) in header.Entries)
        {
            for (var offset = 0L; offset < info.ByteLength; offset += BlockLength)
                yield return (info.Name, offset, (int)Math.Min(BlockLength, info.ByteLength - offset), dataStart + begin + offset);
        }
    }
}
