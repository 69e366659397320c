using System.Text;
using UmmRm.Reports;

namespace UmmRm.Tests.Reports;

public sealed class Crc32CTests
{
    /// <summary>RFC 3720, B.4: 32 bytes of zeros, of ones, ascending, descending (the RFC prints the bytes in the order of transmission).</summary>
    public static TheoryData<byte[], uint> Rfc3720 => new()
    {
        { new byte[32], 0x8A9136AA },
        { Enumerable.Repeat((byte)0xFF, 32).ToArray(), 0x62A8AB43 },
        { Enumerable.Range(0, 32).Select(i => (byte)i).ToArray(), 0x46DD794E },
        { Enumerable.Range(0, 32).Select(i => (byte)(31 - i)).ToArray(), 0x113FDB5C },
    };

    [Theory]
    [MemberData(nameof(Rfc3720))]
    public void Of_VectorsOfRfc3720_Agrees(byte[] bytes, uint expected) => Assert.Equal(expected, Crc32C.Of(bytes));

    [Fact]
    public void Of_NineDigits_IsTheCatalogueCheckValue() => Assert.Equal(0xE3069283u, Crc32C.Of(Encoding.ASCII.GetBytes("123456789")));

    [Fact]
    public void Of_NoBytes_IsZero() => Assert.Equal(0u, Crc32C.Of([]));

    [Fact]
    public void Masked_FirstFrameOfEveryTensorBoardFile_Agrees()
    {
        // A TFRecord length of 24 (an Event with wall time and file version alone) has been written with this checksum by TensorFlow since 2015.
        byte[] length = [24, 0, 0, 0, 0, 0, 0, 0];
        Assert.Equal(new byte[] { 0xA3, 0x7F, 0x4B, 0x22 }, BitConverter.GetBytes(Crc32C.Masked(length)));
    }
}
