using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace UmmRm.Tests.Cli;

public sealed class TokenizeCommandTests
{
    private static readonly string Folder = Repository.Golden("tokenizers", "llama3-like");
    private static readonly IReadOnlyList<JsonElement> Vectors = ReadVectors();
    private static readonly string Texts = Lines(vector => vector.GetProperty("text").GetRawText());

    [Theory]
    [InlineData("ids")]
    [InlineData("ids_no_special", "--no-special")]
    public void Tokenize_JsonStrings_AreTheReferenceIds(string field, params string[] options)
    {
        var run = CommandRun.Reading(Texts, ["tokenize", "--tokenizer", Folder, "--input-format", "json", .. options]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal(Lines(vector => vector.GetProperty(field).GetRawText()), run.Output);
    }

    [Theory]
    [InlineData("decoded")]
    [InlineData("decoded_skip_special", "--no-special")]
    public void Tokenize_Decoding_GivesTheReferenceTexts(string field, params string[] options)
    {
        var run = CommandRun.Reading(Lines(vector => vector.GetProperty("ids").GetRawText()), ["tokenize", "--tokenizer", Path.Combine(Folder, "tokenizer.json"), "--decode", "--input-format", "json", .. options]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal(Vectors.Select(vector => vector.GetProperty(field).GetString()), run.Output.Split('\n')[..^1].Select(line => JsonSerializer.Deserialize<string>(line)));
    }

    [Fact]
    public void Tokenize_PlainLines_AreTakenAsTheyAre()
    {
        var vectors = Vectors.Where(vector => !vector.GetProperty("text").GetString()!.Contains('\n', StringComparison.Ordinal)).ToList();
        Assert.Contains(vectors, vector => vector.GetProperty("text").GetString()!.Contains('\r', StringComparison.Ordinal));
        var run = CommandRun.Reading(string.Concat(vectors.Select(vector => vector.GetProperty("text").GetString() + "\n")), "tokenize", "--tokenizer", Folder);
        Assert.Equal(string.Concat(vectors.Select(vector => vector.GetProperty("ids").GetRawText() + "\n")), run.Output);
        var decoded = CommandRun.Reading(run.Output, "tokenize", "--tokenizer", Folder, "--decode", "--no-special");
        Assert.Equal(string.Concat(vectors.Select(vector => vector.GetProperty("decoded_skip_special").GetString() + "\n")), decoded.Output);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("5")]
    public void Tokenize_AFileOnSeveralThreads_KeepsTheOrder(string threads)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, string.Concat(Enumerable.Repeat(Texts, 4)));
            var run = CommandRun.Of("tokenize", "--tokenizer", Folder, "--input-format", "json", "--input", path, "--threads", threads);
            Assert.Equal(string.Concat(Enumerable.Repeat(Lines(vector => vector.GetProperty("ids").GetRawText()), 4)), run.Output);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Tokenize_AsOneDocument_IsAnArrayOfTheLines()
    {
        var run = CommandRun.Reading(Texts, "tokenize", "--tokenizer", Folder, "--input-format", "json", "--json");
        using var document = JsonDocument.Parse(run.Output);
        Assert.Equal(Vectors.Select(vector => vector.GetProperty("ids").GetRawText()), document.RootElement.EnumerateArray().Select(ids => ids.GetRawText()));
        Assert.Equal("[]\n", CommandRun.Reading("", "tokenize", "--tokenizer", Folder, "--json").Output);
    }

    [Theory]
    [InlineData("\"fine\"\nnot JSON\n\"fine\"\n")]
    [InlineData("\"fine\"\n\n")]
    [InlineData("\"fine\"\n[1]")]
    [InlineData("\"fine\"\n\"two\" \"strings\"")]
    [InlineData("\"fine\"\n\"\\ud800\"")]
    public void Tokenize_LineThatIsNoJsonString_IsNamedAfterTheResultsBeforeIt(string input) =>
        AssertSecondLineFails(CommandRun.Reading(input, "tokenize", "--tokenizer", Folder, "--input-format", "json", "--no-special"));

    [Fact]
    public void Tokenize_LineThatIsNotUtf8_IsNamed() =>
        AssertSecondLineFails(CommandRun.Reading([.. "fine\n"u8, 0xC3, 0x28, (byte)'\n'], "tokenize", "--tokenizer", Folder, "--no-special"));

    [Theory]
    [InlineData("[1]\n[1, 2.5]\n")]
    [InlineData("[1]\n[\"1\"]\n")]
    [InlineData("[1]\n[1, [2]]\n")]
    [InlineData("[1]\n[1\n")]
    [InlineData("[1]\n[1] 2\n")]
    [InlineData("[1]\n3000000000\n")]
    public void Tokenize_DecodingWhatIsNoListOfIds_NamesTheLine(string input) => AssertSecondLineFails(CommandRun.Reading(input, "tokenize", "--tokenizer", Folder, "--decode"));

    [Fact]
    public void Tokenize_NoTokenizerThere_IsAFailureAndNotGivenIsWrongUsage()
    {
        Assert.Equal(1, CommandRun.Reading("text\n", "tokenize", "--tokenizer", "/no/such/folder").Code);
        var run = CommandRun.Reading("text\n", "tokenize");
        Assert.Equal(2, run.Code);
        Assert.Contains("--tokenizer", run.Error, StringComparison.Ordinal);
    }

    private static void AssertSecondLineFails(CommandRun run)
    {
        Assert.Equal(1, run.Code);
        Assert.Single(run.Output.Split('\n')[..^1]);
        Assert.StartsWith("error: stdin:2: ", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Error.Count(c => c == '\n'));
    }

    private static List<JsonElement> ReadVectors()
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(Path.Combine(Folder, "vectors.jsonl.gz")), CompressionMode.Decompress));
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];
    }

    private static string Lines(Func<JsonElement, string> line)
    {
        var text = new StringBuilder();
        foreach (var vector in Vectors)
            text.Append(line(vector)).Append('\n');
        return text.ToString();
    }
}
