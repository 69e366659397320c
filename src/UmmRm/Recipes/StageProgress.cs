namespace UmmRm.Recipes;

/// <summary>How far a long loop has come.</summary>
/// <param name="Stage">What is being done.</param>
/// <param name="Done">Units finished.</param>
/// <param name="Total">Units in all; 0 when nobody knows.</param>
/// <param name="Unit">What is counted, in the plural.</param>
/// <param name="Detail">What else is worth a glance, or null.</param>
public sealed record StageProgress(string Stage, long Done, long Total, string Unit, string? Detail = null);
