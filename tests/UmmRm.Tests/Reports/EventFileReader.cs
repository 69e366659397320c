using System.Buffers.Binary;
using System.Text;

namespace UmmRm.Tests.Reports;

/// <summary>An event as it stands in an event file, scalars in their order.</summary>
internal sealed record ReadEvent(double WallTime, long Step, string? FileVersion, bool SessionStart, IReadOnlyList<(string Tag, float Value)> Scalars);

/// <summary>
/// A second, independent reading of TensorBoard's format, from the protocol buffers' wire format and the .proto files: checks both
/// checksums of every record with a bit-by-bit CRC and refuses any field that it does not know.
/// </summary>
internal static class EventFileReader
{
    public static List<ReadEvent> Read(string path)
    {
        var events = new List<ReadEvent>();
        ReadOnlySpan<byte> rest = File.ReadAllBytes(path);
        while (!rest.IsEmpty)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(rest);
            Assert.Equal(Masked(rest[..8]), BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]));
            var data = rest.Slice(12, length);
            Assert.Equal(Masked(data), BinaryPrimitives.ReadUInt32LittleEndian(rest[(12 + length)..]));
            events.Add(Event(data));
            rest = rest[(16 + length)..];
        }
        return events;
    }

    private static ReadEvent Event(ReadOnlySpan<byte> data)
    {
        var found = new ReadEvent(0, 0, null, false, []);
        while (!data.IsEmpty)
        {
            found = Varint(ref data) switch
            {
                0x09 => found with { WallTime = BinaryPrimitives.ReadDoubleLittleEndian(Take(ref data, 8)) },
                0x10 => found with { Step = (long)Varint(ref data) },
                0x1A => found with { FileVersion = Encoding.UTF8.GetString(Take(ref data, (int)Varint(ref data))) },
                0x2A => found with { Scalars = Scalars(Take(ref data, (int)Varint(ref data))) },
                0x3A => found with { SessionStart = Take(ref data, (int)Varint(ref data)) is [0x08, 0x01] },
                var key => throw new InvalidDataException($"unknown field {key:X} in an Event"),
            };
        }
        return found;
    }

    private static List<(string, float)> Scalars(ReadOnlySpan<byte> summary)
    {
        var scalars = new List<(string, float)>();
        while (!summary.IsEmpty)
        {
            Assert.Equal(0x0Au, Varint(ref summary));
            var value = Take(ref summary, (int)Varint(ref summary));
            Assert.Equal(0x0Au, Varint(ref value));
            var tag = Encoding.UTF8.GetString(Take(ref value, (int)Varint(ref value)));
            Assert.Equal(0x15u, Varint(ref value));
            scalars.Add((tag, BinaryPrimitives.ReadSingleLittleEndian(Take(ref value, 4))));
            Assert.True(value.IsEmpty);
        }
        return scalars;
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> data, int length)
    {
        var taken = data[..length];
        data = data[length..];
        return taken;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> data)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var part = Take(ref data, 1)[0];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return value;
        }
    }

    private static uint Masked(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78u);
        }
        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u;
    }
}
