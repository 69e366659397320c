using UmmRm.Hub;
using UmmRm.Reports;

namespace UmmRm.Recipes;

/// <summary>How a recipe is run.</summary>
public sealed record RunOptions
{
    /// <summary>Memory that the run may use, in bytes; null for what this machine has. With a GPU: its memory.</summary>
    public long? MemoryLimit { get; init; }

    /// <summary>Run even if the estimate exceeds the limit.</summary>
    public bool IgnoreMemory { get; init; }

    /// <summary>How many stages run side by side when none of them reads another's result: 1 or more.</summary>
    public int Jobs { get; init; } = 1;

    /// <summary>Threads that libtorch computes with, shared evenly by the stages that run side by side; null for its own choice (one stage at a time) or the machine's cores.</summary>
    public int? Threads { get; init; }

    /// <summary>Run folders from which a finished stage is copied when the same one would be done here.</summary>
    public IReadOnlyList<string> CopyFrom { get; init; } = [];

    /// <summary>The hub that inputs are fetched from; null for the one that the environment names.</summary>
    public HubSettings? Hub { get; init; }

    /// <summary>Told what happens, one thing at a time, on the thread of the stage that it concerns.</summary>
    public Action<RunEvent>? Events { get; init; }

    /// <summary>Told how far the running stages have come, on their threads.</summary>
    public IProgress<ProgressReport>? Progress { get; init; }
}
