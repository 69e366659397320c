using UmmRm.Reports;

namespace UmmRm.Tests.Reports;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.0 KiB")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(1048575, "1.0 MiB")]
    [InlineData(157286400, "150 MiB")]
    [InlineData(13851000000, "12.9 GiB")]
    [InlineData(long.MaxValue, "8388608 TiB")]
    public void Text_Bytes_ArePowersOf1024(long bytes, string expected) => Assert.Equal(expected, ByteSize.Text(bytes));
}
