namespace UmmRm.Recipes;

/// <summary>Something that happened in a run, for whoever shows it.</summary>
/// <param name="Stage">The stage's name; empty when it concerns the whole run.</param>
public abstract record RunEvent(string Stage);

/// <summary>What the run will need, said before it starts.</summary>
public sealed record MemoryEstimated(MemoryEstimate Estimate) : RunEvent("");

/// <summary>A stage begins or goes on.</summary>
/// <param name="Stage">Its name.</param>
/// <param name="Number">Which one it is, from 1.</param>
/// <param name="Count">Of how many.</param>
/// <param name="Reason">Why it is done and not skipped.</param>
public sealed record StageStarting(string Stage, int Number, int Count, string Reason) : RunEvent(Stage);

/// <summary>A finished stage is taken as it is: nothing it depends on has changed.</summary>
public sealed record StageSkipped(string Stage, int Number, int Count) : RunEvent(Stage);

/// <summary>Another run has done the same, and its result was copied.</summary>
public sealed record StageCopied(string Stage, int Number, int Count, string From) : RunEvent(Stage);

/// <summary>A stage is done.</summary>
public sealed record StageFinished(string Stage, TimeSpan Elapsed) : RunEvent(Stage);

/// <summary>A line that a stage's executor says.</summary>
public sealed record StageNote(string Stage, string Line) : RunEvent(Stage);
