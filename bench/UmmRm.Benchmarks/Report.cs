using System.Diagnostics;
using System.Runtime.InteropServices;

namespace UmmRm.Benchmarks;

/// <summary>A benchmark's Markdown, on the screen and perhaps in a file.</summary>
internal sealed class Report(string? path, int rounds) : IDisposable
{
    private readonly StringWriter _text = new();

    /// <summary>Repetitions of each measurement, interleaved with the others'.</summary>
    public int Rounds { get; } = rounds;

    public void Line(string text = "")
    {
        Console.WriteLine(text);
        _text.WriteLine(text);
    }

    /// <summary>What was run, where, at which commit.</summary>
    public void Heading(string title, string command)
    {
        Line($"# {title}");
        Line();
        Line($"`dotnet run -c Release --project bench/UmmRm.Benchmarks -- {command}`, commit {Commit()}, {DateTime.UtcNow:yyyy-MM-dd}; {Processor()}, {TorchSharp.torch.get_num_threads()} thread; {RuntimeInformation.FrameworkDescription}, TorchSharp 0.107.0. {(MachineSpeed.ProcessorTime ? "Processor time" : "Wall time")}, medians of {Rounds} interleaved rounds.");
        Line();
    }

    public void Row(params ReadOnlySpan<string> cells) => Line($"| {string.Join(" | ", cells.ToArray())} |");

    public void Head(params ReadOnlySpan<string> cells)
    {
        Row(cells);
        Row([.. cells.ToArray().Select((_, i) => i == 0 ? "---" : "---:")]);
    }

    public void Dispose()
    {
        if (path is not null)
            File.WriteAllText(path, _text.ToString());
    }

    private static string Commit()
    {
        using var git = Process.Start(new ProcessStartInfo("git", "describe --always --dirty") { RedirectStandardOutput = true });
        return git?.StandardOutput.ReadToEnd().Trim() ?? "unknown";
    }

    private static string Processor()
    {
        var model = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() : null;
        var family = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("cpu family", StringComparison.Ordinal))?.Split(':')[1].Trim() : null;
        return $"{model ?? RuntimeInformation.ProcessArchitecture.ToString()} (family {family ?? "?"}, {Environment.ProcessorCount} cores)";
    }
}
