using UmmRm.Reports;

namespace UmmRm.Recipes;

/// <summary>How a recipe is run.</summary>
public sealed record RunOptions
{
    /// <summary>Memory that the run may use, in bytes; null for what this machine has. With a GPU: its memory.</summary>
    public long? MemoryLimit { get; init; }

    /// <summary>Run even if the estimate exceeds the limit.</summary>
    public bool IgnoreMemory { get; init; }

    /// <summary>Told what happens, in order, on the running thread.</summary>
    public Action<RunEvent>? Events { get; init; }

    /// <summary>Told how far the running stage has come.</summary>
    public IProgress<ProgressReport>? Progress { get; init; }
}
