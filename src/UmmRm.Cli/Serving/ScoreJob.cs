namespace UmmRm.Cli.Serving;

/// <summary>One text that waits to be scored.</summary>
/// <param name="model">Who scores it.</param>
/// <param name="ids">Its ids, for each of the model's models.</param>
internal sealed class ScoreJob(ServedModel model, int[][] ids)
{
    private readonly TaskCompletionSource<double[]> _scores = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Who scores it.</summary>
    public ServedModel Model => model;

    /// <summary>Its ids, for each of the model's models.</summary>
    public int[][] Ids => ids;

    /// <summary>Tokens of the longest reading.</summary>
    public int Length { get; } = ids.Max(own => own.Length);

    /// <summary>The raw score of each of the model's models, once it is known.</summary>
    public Task<double[]> Scores => _scores.Task;

    /// <summary>Says the scores.</summary>
    public void Done(double[] scores) => _scores.TrySetResult(scores);

    /// <summary>Says that there will be none.</summary>
    public void Failed(Exception reason) => _scores.TrySetException(reason);
}
