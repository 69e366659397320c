using System.Globalization;

namespace UmmRm.Reports;

/// <summary>
/// A run's measurements: <c>metrics.jsonl</c>, one <see cref="MetricLine"/> a line, and beside it an event file that TensorBoard opens.
/// Metrics keep TRL's names. The JSON lines are the truth; the event file is written from them whenever a log is opened, so a run that
/// was stopped and goes on has every step once in both. Stages that run side by side share one log; two processes never do.
/// </summary>
public sealed class MetricLog : IDisposable
{
    /// <summary>The file's name in a run folder.</summary>
    public const string FileName = "metrics.jsonl";

    private const string EventsPrefix = "events.out.tfevents.";
    private const string EventsSuffix = ".ummrm";

    private readonly Lock _gate = new();
    private readonly string _folder;
    private readonly Dictionary<string, long> _lastSteps = [];
    private FileStream _lines;
    private TensorBoardEvents _events;

    private MetricLog(string folder)
    {
        _folder = folder;
        (_lines, _events) = Rewrite(_ => true);
    }

    /// <summary>Opens the log of a run folder to add to it; begins one where there is none. A last line that a crash cut short is dropped.</summary>
    /// <exception cref="InvalidDataException">metrics.jsonl holds a whole line that is not one of ours; the message names it.</exception>
    public static MetricLog Open(string folder)
    {
        Directory.CreateDirectory(folder);
        return new MetricLog(folder);
    }

    /// <summary>Forgets what a stage measured after a step: called before the stage goes on from a snapshot of that step, or with -1 before it starts anew.</summary>
    public void Rewind(string stage, long step)
    {
        lock (_gate)
        {
            Close();
            (_lines, _events) = Rewrite(line => line.Stage != stage || line.Step <= step);
        }
    }

    /// <summary>Adds a line, to both files, and hands it to the operating system.</summary>
    /// <param name="stage">The stage's name in the recipe; the section in TensorBoard.</param>
    /// <param name="step">The optimiser step within the stage; never smaller than the stage's last one, equal for a second kind of measurement.</param>
    /// <param name="metrics">Names and values; each name once.</param>
    /// <exception cref="ArgumentException">The step goes back, or a name appears twice or is step, time or stage.</exception>
    public void Write(string stage, long step, IEnumerable<KeyValuePair<string, double>> metrics)
    {
        var line = new MetricLine(step, DateTimeOffset.UtcNow, stage, metrics.ToArray());
        lock (_gate)
        {
            Check(line);
            _lines.Write([.. line.ToJson(), (byte)'\n']);
            _lines.Flush();
            _events.Write(line);
            _events.Flush();
            _lastSteps[stage] = step;
        }
    }

    /// <summary>Reads a metrics.jsonl from its beginning; a last line without a line end, being written or cut by a crash, is left out.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A line is not one of ours; the message names it.</exception>
    public static IEnumerable<MetricLine> Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        for (int start = 0, number = 1; Array.IndexOf(bytes, (byte)'\n', start) is var end and >= 0; start = end + 1, number++)
            yield return MetricLine.Parse(bytes.AsMemory(start..end), $"{path}:{number}");
    }

    /// <summary>Closes both files.</summary>
    public void Dispose()
    {
        lock (_gate)
            Close();
    }

    private void Close()
    {
        _lines.Dispose();
        _events.Dispose();
    }

    /// <summary>Replaces metrics.jsonl by those of its lines that are kept, and every event file of ours by one that says the same.</summary>
    private (FileStream Lines, TensorBoardEvents Events) Rewrite(Func<MetricLine, bool> keep)
    {
        var path = Path.Combine(_folder, FileName);
        var kept = File.Exists(path) ? Read(path).Where(keep).ToList() : [];
        var temporary = $"{path}.tmp";
        using (var file = new FileStream(temporary, FileMode.Create))
        {
            foreach (var line in kept)
                file.Write([.. line.ToJson(), (byte)'\n']);
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);

        foreach (var old in Directory.GetFiles(_folder, $"{EventsPrefix}*{EventsSuffix}"))
            File.Delete(old);
        var now = DateTimeOffset.UtcNow;
        var name = string.Create(CultureInfo.InvariantCulture, $"{EventsPrefix}{now.ToUnixTimeSeconds():D10}.{Environment.MachineName}{EventsSuffix}");
        var events = new TensorBoardEvents(Path.Combine(_folder, name), now);
        _lastSteps.Clear();
        foreach (var line in kept)
        {
            events.Write(line);
            _lastSteps[line.Stage] = line.Step;
        }
        events.Flush();
        return (new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read), events);
    }

    private void Check(MetricLine line)
    {
        if (_lastSteps.TryGetValue(line.Stage, out var last) && line.Step < last)
            throw new ArgumentException($"{FileName}: step {line.Step} of stage '{line.Stage}' comes after step {last}; a stage that is taken up again is rewound first");
        var names = new HashSet<string>(MetricLine.Reserved);
        foreach (var (name, _) in line.Metrics)
        {
            if (!names.Add(name))
                throw new ArgumentException($"{FileName}: metric '{name}' of stage '{line.Stage}' is named twice, or has the name of one of the line's own keys ({string.Join(", ", MetricLine.Reserved)})");
        }
    }
}
