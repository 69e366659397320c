namespace UmmRm.Training;

/// <summary>How the learning rate runs after warm-up.</summary>
public enum ScheduleKind
{
    /// <summary>Stays at its peak.</summary>
    Constant,

    /// <summary>Falls in a straight line to the final ratio.</summary>
    Linear,

    /// <summary>Falls along half a cosine to the final ratio.</summary>
    Cosine,
}

/// <summary>
/// The factor on the learning rate at each update, as transformers' schedules define it: a linear warm-up from 0 (the first update of a
/// warm-up has rate 0), then constant, linear or cosine.
/// </summary>
public sealed record LearningRateSchedule
{
    /// <summary>The shape after warm-up.</summary>
    public required ScheduleKind Kind { get; init; }

    /// <summary>Updates of warm-up, at least 0.</summary>
    public required long WarmupSteps { get; init; }

    /// <summary>All updates, warm-up included.</summary>
    public required long TotalSteps { get; init; }

    /// <summary>The factor at the end, 0 .. 1.</summary>
    public double FinalRatio { get; init; }

    /// <summary>Warm-up of a ratio of all steps, rounded up.</summary>
    public static long WarmupOfRatio(double ratio, long totalSteps) => (long)Math.Ceiling(ratio * totalSteps);

    /// <summary>The factor of update <paramref name="step"/> = 0, 1, ...</summary>
    public double Factor(long step)
    {
        if (step < WarmupSteps)
            return (double)step / Math.Max(1, WarmupSteps);
        var progress = (double)(step - WarmupSteps) / Math.Max(1, TotalSteps - WarmupSteps);
        return Kind switch
        {
            ScheduleKind.Linear => FinalRatio + (1 - FinalRatio) * Math.Max(0, 1 - progress),
            ScheduleKind.Cosine => FinalRatio + (1 - FinalRatio) * 0.5 * (1 + Math.Cos(Math.PI * progress)),
            _ => 1,
        };
    }
}
