namespace UmmRm.Reports;

/// <summary>How far a long piece of work has come. The library's loops tell it to an <see cref="IProgress{T}"/>; how it is shown is the listener's matter.</summary>
/// <param name="Stage">What is being done, in a word or two: <c>reward k=4</c>, <c>scoring</c>. A new name starts a new measurement of the rate.</param>
/// <param name="Done">Units finished, those of an interrupted earlier run included.</param>
/// <param name="Total">Units in all; 0 when nobody knows.</param>
/// <param name="Unit">What is counted, in the plural: <c>steps</c>, <c>pairs</c>, <c>bytes</c>.</param>
/// <param name="Detail">What else is worth a glance now, such as <c>loss .612</c>, or null.</param>
public sealed record ProgressReport(string Stage, long Done, long Total, string Unit, string? Detail = null);
