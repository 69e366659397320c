using System.Buffers.Binary;
using System.Numerics;

namespace UmmRm.Reports;

/// <summary>The Castagnoli checksum (RFC 3720, B.4), in the masked form in which TensorFlow's record files store it.</summary>
internal static class Crc32C
{
    /// <summary>CRC-32C of the bytes: reflected polynomial 0x82F63B78, initial value and final inversion 0xFFFFFFFF.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }

    /// <summary>The checksum rotated right by 15 bits plus 0xA282EAD8, so that a checksum of data that hold checksums stays strong (TFRecord's definition).</summary>
    public static uint Masked(ReadOnlySpan<byte> bytes) => BitOperations.RotateRight(Of(bytes), 15) + 0xA282EAD8u;
}
