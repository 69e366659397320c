using System.Reflection;
using System.Runtime.InteropServices;

namespace UmmRm.Recipes;

/// <summary>How far a run or a stage is.</summary>
public enum RunStatus
{
    /// <summary>Not begun.</summary>
    Pending,

    /// <summary>At work; after a crash it stays so until the next run.</summary>
    Running,

    /// <summary>Taken from an earlier run.</summary>
    Skipped,

    /// <summary>Complete.</summary>
    Done,

    /// <summary>Stopped on request; the next run goes on.</summary>
    Stopped,

    /// <summary>Ended by an error.</summary>
    Failed,
}

/// <summary>What run.json says about one stage.</summary>
public sealed record StageStatus
{
    /// <summary>Its kind.</summary>
    public required string Kind { get; init; }

    /// <summary>How far it is.</summary>
    public RunStatus Status { get; init; }

    /// <summary>How long it took, stopped attempts included; in the run that did it.</summary>
    public double? Seconds { get; init; }

    /// <summary>The most memory that the process was seen to hold while it ran, in bytes; null where that was not measured.</summary>
    public long? PeakMemory { get; init; }

    /// <summary>What its reader should know: dropped rows, prompts that are in the training data, a model below chance.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Its seed.</summary>
    public long Seed { get; init; }

    /// <summary>Hash of all that its result follows from.</summary>
    public string? Fingerprint { get; init; }
}

/// <summary>What run.json says: enough to know what was run, on what, with what, and how it ended.</summary>
public sealed record RunRecord
{
    /// <summary>The file's name in a run folder.</summary>
    public const string FileName = "run.json";

    /// <summary>The recipe's name.</summary>
    public required string Recipe { get; init; }

    /// <summary>How far the run is.</summary>
    public RunStatus Status { get; init; } = RunStatus.Running;

    /// <summary>Why it failed.</summary>
    public string? Error { get; init; }

    /// <summary>The recipe's seed.</summary>
    public required long Seed { get; init; }

    /// <summary>When this run began, UTC.</summary>
    public DateTimeOffset Started { get; init; } = DateTimeOffset.UtcNow;

    /// <summary>When it ended, UTC.</summary>
    public DateTimeOffset? Finished { get; init; }

    /// <summary>Versions of the product, its libraries and the system.</summary>
    public IReadOnlyDictionary<string, string> Versions { get; init; } = CurrentVersions;

    /// <summary>SHA-256 of the files and folders read from outside.</summary>
    public IReadOnlyDictionary<string, string> Inputs { get; init; } = new Dictionary<string, string>();

    /// <summary>The most memory that the run was expected to need, in bytes; null when that could not be said.</summary>
    public long? EstimatedMemory { get; init; }

    /// <summary>The stages, in the order in which they run.</summary>
    public required IReadOnlyDictionary<string, StageStatus> Stages { get; init; }

    /// <summary>The product's version without build details: what finished stages are compared by.</summary>
    internal static string ProductVersion { get; } = typeof(RunRecord).Assembly.GetName().Version?.ToString(3) ?? "0";

    private static Dictionary<string, string> CurrentVersions { get; } = new()
    {
        ["ummrm"] = typeof(RunRecord).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? ProductVersion,
        ["torchsharp"] = typeof(RunRecord).Assembly.GetReferencedAssemblies().FirstOrDefault(a => a.Name == "TorchSharp")?.Version?.ToString() ?? "",
        ["dotnet"] = RuntimeInformation.FrameworkDescription,
        ["system"] = $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} cores",
    };
}
