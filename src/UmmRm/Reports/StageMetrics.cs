namespace UmmRm.Reports;

/// <summary>A stage's part of the run's metric log.</summary>
/// <param name="log">The run's log; opened when the stage first writes.</param>
/// <param name="stage">The stage's name in the recipe.</param>
public sealed class StageMetrics(Lazy<MetricLog> log, string stage)
{
    /// <summary>Forgets what the stage measured after a step: before it goes on from a snapshot of that step, or with -1 before it starts anew.</summary>
    public void Rewind(long step) => log.Value.Rewind(stage, step);

    /// <summary>Adds a line.</summary>
    /// <param name="step">The optimiser step within the stage; never smaller than the last one, equal for a second kind of measurement.</param>
    /// <param name="metrics">Names and values; each name once.</param>
    public void Write(long step, IEnumerable<KeyValuePair<string, double>> metrics) => log.Value.Write(stage, step, metrics);
}
