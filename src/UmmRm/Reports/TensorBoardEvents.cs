using System.Buffers.Binary;
using System.Text;

namespace UmmRm.Reports;

/// <summary>
/// Writes an event file that TensorBoard reads: TFRecord frames (length, masked CRC-32C of the length, data, masked CRC-32C of the data)
/// around tensorflow.Event messages with scalar summaries. Tags are <c>stage/metric</c>, so TensorBoard shows one section a stage.
/// </summary>
internal sealed class TensorBoardEvents : IDisposable
{
    // Field numbers of tensorflow/core/util/event.proto and framework/summary.proto, with the wire type in the lower three bits.
    private const byte EventWallTime = (1 << 3) | Fixed64, EventStep = (2 << 3) | Varint, EventFileVersion = (3 << 3) | Bytes, EventSummary = (5 << 3) | Bytes, EventSessionLog = (7 << 3) | Bytes;
    private const byte SummaryValue = (1 << 3) | Bytes, ValueTag = (1 << 3) | Bytes, ValueSimpleValue = (2 << 3) | Fixed32, SessionLogStatus = (1 << 3) | Varint;
    private const byte Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5;
    private const byte SessionStart = 1;

    private readonly FileStream _file;

    /// <summary>Creates the file, in place of any other of that name.</summary>
    /// <param name="path">A name that holds <c>tfevents</c>, by which TensorBoard finds it.</param>
    /// <param name="created">The wall time of the file's first events.</param>
    public TensorBoardEvents(string path, DateTimeOffset created)
    {
        _file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read);
        WriteEvent(created, 0, EventFileVersion, "brain.Event:2"u8);
        // A running TensorBoard forgets the scalars that it read from an earlier file of this folder: this one holds them all.
        WriteEvent(created, 0, EventSessionLog, [SessionLogStatus, SessionStart]);
    }

    /// <summary>Adds one event with every metric of the line. Metrics are stored as float32, NaN and infinities included.</summary>
    public void Write(MetricLine line)
    {
        using var summary = new MemoryStream();
        Span<byte> bits = stackalloc byte[sizeof(float)];
        foreach (var (name, value) in line.Metrics)
        {
            using var scalar = new MemoryStream();
            WriteBytes(scalar, ValueTag, Encoding.UTF8.GetBytes($"{line.Stage}/{name}"));
            scalar.WriteByte(ValueSimpleValue);
            BinaryPrimitives.WriteSingleLittleEndian(bits, (float)value);
            scalar.Write(bits);
            WriteBytes(summary, SummaryValue, scalar.ToArray());
        }
        WriteEvent(line.Time, line.Step, EventSummary, summary.ToArray());
    }

    /// <summary>Hands everything written to the operating system.</summary>
    public void Flush() => _file.Flush();

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private void WriteEvent(DateTimeOffset time, long step, byte field, ReadOnlySpan<byte> payload)
    {
        using var message = new MemoryStream();
        message.WriteByte(EventWallTime);
        Span<byte> bits = stackalloc byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bits, time.ToUnixTimeMilliseconds() / 1000.0);
        message.Write(bits);
        if (step != 0) // proto3 leaves out what is zero
        {
            message.WriteByte(EventStep);
            WriteVarint(message, (ulong)step);
        }
        WriteBytes(message, field, payload);
        WriteFrame(message.ToArray());
    }

    private void WriteFrame(ReadOnlySpan<byte> data)
    {
        Span<byte> header = stackalloc byte[sizeof(ulong) + sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[sizeof(ulong)..], Crc32C.Masked(header[..sizeof(ulong)]));
        Span<byte> footer = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(footer, Crc32C.Masked(data));
        _file.Write(header);
        _file.Write(data);
        _file.Write(footer);
    }

    private static void WriteBytes(MemoryStream message, byte field, ReadOnlySpan<byte> payload)
    {
        message.WriteByte(field);
        WriteVarint(message, (ulong)payload.Length);
        message.Write(payload);
    }

    private static void WriteVarint(MemoryStream message, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            message.WriteByte((byte)(value | 0x80));
        message.WriteByte((byte)value);
    }
}
