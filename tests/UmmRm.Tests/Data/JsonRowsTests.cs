using System.IO.Compression;
using System.Text;
using UmmRm.Data;

namespace UmmRm.Tests.Data;

public sealed class JsonRowsTests
{
    [Theory]
    [InlineData("{\"a\":1}\n{\"a\":2}\n", "1 2")]
    [InlineData("{\"a\":1}\r\n{\"a\":2}", "1 2")]
    [InlineData("\n\n{\"a\":1}\n  \n{\"a\":2}\n\n", "3 5")] // blank lines count as lines
    [InlineData("\ufeff{\"a\":1}\n{\"a\":2}", "1 2")]
    [InlineData("[{\"a\":1},{\"a\":2}]", "1 2")]
    [InlineData("\ufeff \n[\n {\"a\":1} ,\n {\"a\":2}\n]\n", "1 2")]
    public void Read_LinesOrArray_GivesRowsWithTheirNumbers(string text, string numbers)
    {
        using var file = new TemporaryFile("x.json", text);
        var rows = file.Source.Rows().ToList();
        Assert.Equal(numbers, string.Join(' ', rows.Select(row => row.Number)));
        Assert.Equal([1, 2], rows.Select(row => (int)row.Fields["a"]!));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_RowsLongerThanTheBuffer_AreWhole(bool array)
    {
        var texts = Enumerable.Range(1, 9).Select(i => new string((char)('a' + i), 40_000 * i)).ToList();
        var rows = texts.Select(text => $"{{\"t\":\"{text}\"}}");
        using var file = new TemporaryFile("x.json", array ? $"[{string.Join(',', rows)}]" : string.Join('\n', rows));
        Assert.Equal(texts, file.Source.Rows().Select(row => (string)row.Fields["t"]!));
    }

    [Fact]
    public void Read_CommaSeparatedValues_SaysWhatIsRead()
    {
        using var file = new TemporaryFile("x.csv", "prompt,chosen\na,b\n");
        Assert.Contains("parquet: convert the file", Assert.Throws<InvalidDataException>(() => file.Source.Rows().ToList()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"a\":1}\n{\"a\":", "x.jsonl:2: not JSON")]
    [InlineData("{\"a\":1} {\"a\":2}", "x.jsonl:1: not JSON")]
    [InlineData("{\"a\":1}\n[1]", "x.jsonl:2: the row is a list; expected a JSON object")]
    [InlineData("{\"a\":1}\nnull", "x.jsonl:2: the row is null")]
    [InlineData("{\"a\":1}\n7", "x.jsonl:2: the row is 7")]
    [InlineData("{\"a\":NaN}", "x.jsonl:1: not JSON")]
    [InlineData("{\"a\":1,\"a\":2}", "x.jsonl:1: not JSON (Duplicate property 'a'")]
    [InlineData("{\"\\ud83d\":1}", "x.jsonl:1: a column's name is not text")]
    [InlineData("[{\"a\":1},{\"a\":2}", "x.jsonl:2: the file ends inside the array")]
    [InlineData("[{\"a\":1},{\"a\":", "x.jsonl:2: the file ends inside the array")]
    [InlineData("[", "x.jsonl:1: the file ends inside the array")]
    [InlineData("[{\"a\":1} {\"a\":2}]", "x.jsonl:1: a comma or ] was expected")]
    [InlineData("[{\"a\":1},,{\"a\":2}]", "x.jsonl:2: not JSON")]
    [InlineData("[{\"a\":1}, 3]", "x.jsonl:2: the row is 3")]
    [InlineData("[{\"a\":1}]\n[{\"a\":2}]", "more text follows the array's ]")]
    [InlineData("PAR1 and so on", "x.jsonl:1: not JSON")]
    public void Read_NotRows_NamesFileRowAndReason(string text, string message)
    {
        using var file = new TemporaryFile("x.jsonl", text);
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => file.Source.Rows().ToList()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NestedTooDeep_IsRefused()
    {
        using var file = new TemporaryFile("x.jsonl", "{\"a\":" + new string('[', 100_000));
        Assert.Contains("x.jsonl:1: not JSON", Assert.Throws<InvalidDataException>(() => file.Source.Rows().ToList()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_GZip_IsKnownByItsBytesAndMayHaveSeveralMembers()
    {
        using var file = new TemporaryFile("x.jsonl", (byte[])[.. GZip("{\"a\":1}\n{\"a\""), .. GZip(":2}\n"), .. GZip("{\"a\":3}")]);
        Assert.Equal([1, 2, 3], file.Source.Rows().Select(row => (int)row.Fields["a"]!));
    }

    [Fact]
    public void Read_GZipCutAnywhere_IsNeverTakenForAWholeFile()
    {
        var whole = File.ReadAllBytes(Repository.Golden("data", "hh.jsonl.gz"));
        for (var length = 3; length < whole.Length; length++)
        {
            using var file = new TemporaryFile("x.jsonl.gz", whole[..length]);
            var error = Record.Exception(() => file.Source.Rows().ToList());
            Assert.True(error is InvalidDataException, $"cut to {length} of {whole.Length} bytes: {error?.GetType().Name ?? "read as if whole"}");
        }
    }

    [Fact]
    public void Read_GZipWithAWrongBit_IsRefusedOrMeansTheSame()
    {
        var path = Repository.Golden("data", "hh.jsonl.gz");
        var (whole, text) = (File.ReadAllBytes(path), Text(path));
        for (var at = 18; at < whole.Length; at++) // the header, with a time and a file name, ends at byte 19
        {
            var changed = whole.ToArray();
            changed[at] ^= 0x10;
            using var file = new TemporaryFile("x.jsonl.gz", changed);
            try
            {
                Assert.Equal(text, Text(file.Path));
            }
            catch (InvalidDataException)
            {
                continue;
            }
        }

        static string Text(string path) => string.Join('\n', new DataSource(path).Rows().Select(row => row.Fields.ToJsonString()));
    }

    private static byte[] GZip(string text)
    {
        using var result = new MemoryStream();
        using (var gzip = new GZipStream(result, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return result.ToArray();
    }
}
