namespace UmmRm.Data;

/// <summary>Rows of a split as published.</summary>
/// <param name="Split">The split.</param>
/// <param name="Start">The first row, 0-based.</param>
/// <param name="End">The row before which they end; null for all that follow.</param>
public sealed record RowRange(string Split, int Start = 0, int? End = null);
