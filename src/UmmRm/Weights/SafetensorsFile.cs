using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace UmmRm.Weights;

/// <summary>An open safetensors file: its header is read and checked at once, data only when asked for.</summary>
/// <remarks>Reads go straight into the caller's memory; several threads may read at the same time.</remarks>
public sealed class SafetensorsFile : ITensorSource, IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly long _dataStart;
    private readonly Dictionary<string, SafetensorsHeader.Entry> _entries;

    private SafetensorsFile(string path, SafeFileHandle handle)
    {
        Path = path;
        _handle = handle;
        var header = ReadHeader(handle, out _dataStart);
        Metadata = header.Metadata;
        Tensors = [.. header.Entries.Select(entry => entry.Info)];
        _entries = header.Entries.ToDictionary(entry => entry.Info.Name);
    }

    /// <summary>Where the file lies.</summary>
    public string Path { get; }

    /// <summary>The free texts in the header, such as <c>format: pt</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <inheritdoc/>
    public IReadOnlyCollection<TensorInfo> Tensors { get; }

    /// <summary>Opens a file and checks its header by every rule of the format.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is cut, corrupt or something else; the message says what is wrong.</exception>
    public static SafetensorsFile Open(string path)
    {
        var handle = File.OpenHandle(path, options: FileOptions.SequentialScan);
        try
        {
            return new SafetensorsFile(path, handle);
        }
        catch (InvalidDataException e)
        {
            handle.Dispose();
            throw new InvalidDataException($"{path}: {e.Message}. Download or write the file again", e);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public TensorInfo? Find(string name) => _entries.TryGetValue(name, out var entry) ? entry.Info : null;

    /// <inheritdoc/>
    public void Read(string name, long offset, Span<byte> destination)
    {
        if (!_entries.TryGetValue(name, out var entry))
            throw new InvalidDataException($"{Path}: there is no tensor '{name}' in this file");
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + destination.Length, entry.Info.ByteLength);
        if (!Fill(_handle, _dataStart + entry.Begin + offset, destination))
            throw new InvalidDataException($"{Path}: the file became shorter while tensor '{name}' was read");
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static SafetensorsHeader ReadHeader(SafeFileHandle handle, out long dataStart)
    {
        var fileLength = RandomAccess.GetLength(handle);
        Span<byte> prefix = stackalloc byte[8];
        if (!Fill(handle, 0, prefix))
            throw new InvalidDataException($"the file has {fileLength} bytes; a safetensors file has at least 8");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > SafetensorsHeader.MaxLength)
            throw new InvalidDataException($"it announces a header of {length} bytes; the format allows {SafetensorsHeader.MaxLength}: this is no safetensors file, or a corrupt one");
        if (8 + (long)length > fileLength)
            throw new InvalidDataException($"it announces a header of {length} bytes but has only {fileLength} in all: it is cut or corrupt");
        dataStart = 8 + (long)length;
        var json = new byte[length];
        if (!Fill(handle, 8, json))
            throw new InvalidDataException("the file became shorter while its header was read");
        return SafetensorsHeader.Parse(json, fileLength - dataStart);
    }

    /// <summary>Reads until the destination is full; false when the file ends before.</summary>
    private static bool Fill(SafeFileHandle handle, long position, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            var count = RandomAccess.Read(handle, destination, position);
            if (count == 0)
                return false;
            destination = destination[count..];
            position += count;
        }
        return true;
    }
}
