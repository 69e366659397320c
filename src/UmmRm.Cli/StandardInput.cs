using System.Security.Cryptography;
using UmmRm.Data;
using UmmRm.Reports;

namespace UmmRm.Cli;

/// <summary>
/// Rows from stdin, kept as a file, for what looks at its rows more than once: to hash them, to train on them, to go on after a stop. The file is
/// named after its content, so that the same rows are the same input, and others never take their place.
/// </summary>
internal static class StandardInput
{
    /// <summary>Whether a data source is stdin: <c>-</c>, or a slice of it such as <c>-:[0:100]</c>.</summary>
    public static bool IsMeantBy(string source) => source == "-" || source.StartsWith("-:", StringComparison.Ordinal);

    /// <summary>Checks that not more than one of a verb's data sources is stdin, before it is read for the first.</summary>
    /// <exception cref="UsageException">Two are.</exception>
    public static void RequireOne(IEnumerable<string?> sources)
    {
        if (sources.Count(source => source is not null && IsMeantBy(source)) > 1)
            throw new UsageException("two options name stdin (-), which holds one set of rows; give the other one as a file");
    }

    /// <summary>Reads stdin to its end into a file; gzip and parquet are told by their first bytes, as they are in files.</summary>
    /// <param name="source">A data source for which <see cref="IsMeantBy"/> holds.</param>
    /// <param name="folder">Where the file goes; made if it is missing.</param>
    /// <param name="terminal">Whose stdin.</param>
    /// <param name="stopping">Ctrl-C: what was read so far is forgotten.</param>
    /// <returns>The file; what follows the dash in <paramref name="source"/>, its slice, is the caller's to add.</returns>
    /// <exception cref="InvalidDataException">There is nothing in it.</exception>
    /// <exception cref="ArgumentException">It is asked for a split, which only folders have.</exception>
    public static string Keep(string source, string folder, Terminal terminal, CancellationToken stopping)
    {
        if (DataSource.Parse(source) is { Split: { } split })
            throw new ArgumentException($"{source}: standard input has no splits; name it without :{split}, or a slice of its rows as in -:[0:100]");
        var place = new Place(folder, stopping);
        try
        {
            return Task.Run(() => Read(place, terminal), stopping).WaitAsync(stopping).GetAwaiter().GetResult(); // a read that waits for a writer ends with the process
        }
        catch (OperationCanceledException)
        {
            place.Forget();
            throw;
        }
    }

    private static string Read(Place place, Terminal terminal)
    {
        var buffer = new byte[1 << 16];
        var count = terminal.Input.ReadAtLeast(buffer, 4, throwOnEndOfStream: false);
        if (count == 0)
            throw new InvalidDataException("standard input: there are no rows; expected JSON objects, one a line, or an array of them: did what writes into the pipe fail?");
        try
        {
            var extension = buffer.AsSpan(0, count).StartsWith("PAR1"u8) ? "parquet" : "jsonl";
            return place.Finish($"stdin-{Copy(buffer, count, terminal, place)[..12]}.{extension}");
        }
        finally
        {
            place.Forget();
        }
    }

    /// <summary>Writes what was read and all that follows; returns its SHA-256.</summary>
    private static string Copy(byte[] buffer, int count, Terminal terminal, Place place)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = place.Open();
        for (; count > 0; count = terminal.Input.Read(buffer))
        {
            file.Write(buffer, 0, count);
            hash.AppendData(buffer, 0, count);
            terminal.Progress.Report(new ProgressReport("reading stdin", file.Position, 0, "bytes"));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The file while it is being written. The reader cannot be waited for when it is to stop, so nothing may appear after <see cref="Forget"/>.</summary>
    private sealed class Place(string folder, CancellationToken stopping)
    {
        private readonly Lock _gate = new();
        private readonly string _partial = Path.Combine(folder, $"stdin-{Environment.ProcessId}.partial"); // another process may be about to do the same, and learn of this one by the folder's lock

        public FileStream Open()
        {
            lock (_gate)
            {
                stopping.ThrowIfCancellationRequested();
                Directory.CreateDirectory(folder);
                return new FileStream(_partial, FileMode.Create, FileAccess.Write, FileShare.None | FileShare.Delete);
            }
        }

        public string Finish(string name)
        {
            lock (_gate)
            {
                stopping.ThrowIfCancellationRequested();
                var file = Path.Combine(folder, name);
                File.Move(_partial, file, overwrite: true);
                return file;
            }
        }

        public void Forget()
        {
            lock (_gate)
            {
                if (Directory.Exists(folder))
                    File.Delete(_partial);
            }
        }
    }
}
