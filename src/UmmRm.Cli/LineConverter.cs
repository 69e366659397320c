using System.Buffers;
using UmmRm.Reports;

namespace UmmRm.Cli;

/// <summary>Turns every line of an input into a line of stdout, on several threads, in order, as fast as lines arrive.</summary>
/// <param name="terminal">Where results go.</param>
/// <param name="threads">How many threads; null for one a core.</param>
/// <param name="asDocument">Whether the results become one JSON array instead of lines.</param>
internal sealed class LineConverter(Terminal terminal, int? threads, bool asDocument)
{
    private readonly int _threads = threads ?? Environment.ProcessorCount;

    /// <summary>Converts a file, or stdin when its name is <c>-</c>.</summary>
    /// <param name="name">The file.</param>
    /// <param name="stage">What progress calls this.</param>
    /// <param name="convert">Appends what becomes of a line, without a line end; called from several threads.</param>
    /// <exception cref="InvalidDataException"><paramref name="convert"/> threw one: the message then names file and line. What became of the lines before it is handed out.</exception>
    public void Convert(string name, string stage, Action<ReadOnlySpan<byte>, ArrayBufferWriter<byte>> convert)
    {
        using var input = name == "-" ? terminal.Input : new FileStream(name, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        var batches = new LineBatches(input);
        var done = 0L;
        for (; batches.Next() is { Count: > 0 } lines; done += lines.Count)
        {
            terminal.Progress.Report(new ProgressReport(stage, done, 0, "lines"));
            foreach (var chunk in Chunks(lines, done, convert))
            {
                terminal.Output.Write(chunk.Result.WrittenSpan);
                if (chunk.Error is { } error)
                    throw new InvalidDataException($"{(name == "-" ? "stdin" : name)}:{chunk.Line}: {error.Message}", error);
            }
            terminal.Flush();
        }
        if (asDocument)
            terminal.Result(done == 0 ? "[]\n" : "\n]\n");
        terminal.Progress.Report(new ProgressReport(stage, done, done, "lines"));
    }

    private Chunk[] Chunks(IReadOnlyList<ReadOnlyMemory<byte>> lines, long before, Action<ReadOnlySpan<byte>, ArrayBufferWriter<byte>> convert)
    {
        var length = Math.Max(1, (lines.Count + (4 * _threads) - 1) / (4 * _threads)); // several a thread: lines differ in length
        var chunks = new Chunk[(lines.Count + length - 1) / length];
        Parallel.For(0, chunks.Length, new ParallelOptions { MaxDegreeOfParallelism = _threads }, i =>
            chunks[i] = ConvertChunk(lines, i * length, Math.Min(lines.Count, (i + 1) * length), before, convert));
        return chunks;
    }

    private Chunk ConvertChunk(IReadOnlyList<ReadOnlyMemory<byte>> lines, int start, int end, long before, Action<ReadOnlySpan<byte>, ArrayBufferWriter<byte>> convert)
    {
        var result = new ArrayBufferWriter<byte>(4096);
        for (var i = start; i < end; i++)
        {
            var beginning = result.WrittenCount;
            try
            {
                if (asDocument)
                    result.Write(before + i == 0 ? "[\n"u8 : ",\n"u8);
                convert(lines[i].Span, result);
                if (!asDocument)
                    result.Write("\n"u8);
            }
            catch (InvalidDataException e)
            {
                return new Chunk(Begin(result, beginning), e, before + i + 1);
            }
        }
        return new Chunk(result, null, 0);
    }

    /// <summary>What was written before a line that failed half way.</summary>
    private static ArrayBufferWriter<byte> Begin(ArrayBufferWriter<byte> result, int length)
    {
        var begin = new ArrayBufferWriter<byte>(length + 1);
        begin.Write(result.WrittenSpan[..length]);
        return begin;
    }

    private readonly record struct Chunk(ArrayBufferWriter<byte> Result, InvalidDataException? Error, long Line);
}
