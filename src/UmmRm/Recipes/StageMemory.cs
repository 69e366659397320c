using UmmRm.Reports;

namespace UmmRm.Recipes;

/// <summary>A part of what a stage needs.</summary>
/// <param name="What">What it is for, such as <c>weights</c>.</param>
/// <param name="Bytes">How much.</param>
public sealed record MemoryTerm(string What, long Bytes);

/// <summary>What a stage needs at its peak.</summary>
/// <param name="Stage">Its name.</param>
/// <param name="Terms">What it is made of; empty for stages that need little.</param>
/// <param name="Unknown">Why nothing can be said, or null.</param>
public sealed record StageMemory(string Stage, IReadOnlyList<MemoryTerm> Terms, string? Unknown = null)
{
    /// <summary>The sum of the terms.</summary>
    public long Bytes => Terms.Sum(term => term.Bytes);

    /// <summary>For people: <c>3.2 GiB (weights 1.1 GiB, ...)</c>.</summary>
    public override string ToString() => Unknown is not null
        ? $"unknown: {Unknown}"
        : $"{ByteSize.Text(Bytes)}{(Terms.Count > 1 ? $" ({string.Join(", ", Terms.Select(term => $"{term.What} {ByteSize.Text(term.Bytes)}"))})" : "")}";
}
