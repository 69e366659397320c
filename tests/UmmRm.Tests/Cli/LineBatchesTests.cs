using System.Text;
using FsCheck.Xunit;
using UmmRm.Cli;

namespace UmmRm.Tests.Cli;

public sealed class LineBatchesTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("\n", 1)]
    [InlineData("one", 1)]
    [InlineData("one\n", 1)]
    [InlineData("one\n\ntwo\r\nthree\rfour\u2028five\n", 4)]
    public void Next_Text_IsSplitAtLineFeedsAlone(string text, int lines)
    {
        var read = Read(text, 4096);
        Assert.Equal(lines, read.Count);
        Assert.Equal(text.EndsWith('\n') ? text[..^1] : text, string.Join('\n', read));
    }

    [Property(MaxTest = 200)]
    public void Next_AnyTextInAnyPieces_IsTheSplitText(string?[] parts, byte piece)
    {
        var text = string.Concat(parts.Select(part => (part ?? "").Replace('\ud800', 'x') + "\n"));
        text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)); // half surrogates have no UTF-8
        Assert.Equal(text.Split('\n')[..^1], Read(text, 1 + piece % 7));
    }

    [Fact]
    public void Next_LineLongerThanTheBuffer_IsWhole()
    {
        var text = new string('x', 5_000_000);
        Assert.Equal(["a", text, "b"], Read($"a\n{text}\nb", 1 << 16));
    }

    [Fact]
    public void Next_LinesThatAreThere_AreGivenBeforeMoreIsRead()
    {
        var input = new PiecewiseStream(Encoding.UTF8.GetBytes("a\nb\nc\n"), 4);
        var lines = new LineBatches(input);
        Assert.Equal(2, lines.Next().Count);
        Assert.Equal(1, input.Reads);
    }

    private static List<string> Read(string text, int piece)
    {
        var lines = new LineBatches(new PiecewiseStream(Encoding.UTF8.GetBytes(text), piece));
        var read = new List<string>();
        while (lines.Next() is { Count: > 0 } batch)
            read.AddRange(batch.Select(line => Encoding.UTF8.GetString(line.Span)));
        return read;
    }

    /// <summary>Gives at most a few bytes a time, as a pipe may.</summary>
    private sealed class PiecewiseStream(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public int Reads { get; private set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            Reads++;
            return base.Read(buffer, offset, Math.Min(count, piece));
        }
    }
}
