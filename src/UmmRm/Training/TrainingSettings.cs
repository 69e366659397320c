using UmmRm.Data;

namespace UmmRm.Training;

/// <summary>What supervised fine-tuning and reward training have in common: how long, how fast, in which portions.</summary>
public sealed record TrainingSettings
{
    /// <summary>Passes over the data, at least 1.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Stops after this many updates; 0 runs all epochs. The schedule ends where training ends.</summary>
    public long MaxSteps { get; init; }

    /// <summary>Texts or pairs of one optimiser update.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Most tokens of one forward pass, padding included; a step is cut into as many passes as it takes.</summary>
    public int TokenBudget { get; init; } = 4096;

    /// <summary>The optimiser.</summary>
    public required AdamWSettings Optimizer { get; init; }

    /// <summary>The learning rate's shape after warm-up.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Cosine;

    /// <summary>Updates of warm-up; when 0, <see cref="WarmupRatio"/> says.</summary>
    public long WarmupSteps { get; init; }

    /// <summary>Share of all updates spent warming up, rounded up.</summary>
    public double WarmupRatio { get; init; }

    /// <summary>The learning rate's factor at the end.</summary>
    public double FinalLearningRateRatio { get; init; }

    /// <summary>Fixes the order of the data.</summary>
    public long Seed { get; init; }

    /// <summary>The id that fills rows up.</summary>
    public required int PadId { get; init; }

    /// <summary>Updates of the whole training.</summary>
    public long TotalSteps(int examples)
    {
        var all = Epochs * BatchPlan.StepsPerEpoch(examples, BatchSize);
        return MaxSteps > 0 ? Math.Min(MaxSteps, all) : all;
    }

    /// <summary>The schedule of the whole training.</summary>
    public LearningRateSchedule ScheduleFor(int examples) => new()
    {
        Kind = Schedule,
        TotalSteps = TotalSteps(examples),
        WarmupSteps = WarmupSteps > 0 ? WarmupSteps : LearningRateSchedule.WarmupOfRatio(WarmupRatio, TotalSteps(examples)),
        FinalRatio = FinalLearningRateRatio,
    };

    /// <summary>The examples of each update from <paramref name="firstStep"/> on: resuming continues the same sequence.</summary>
    public IEnumerable<int[]> Steps(int examples, long firstStep)
    {
        var perEpoch = BatchPlan.StepsPerEpoch(examples, BatchSize);
        var remaining = TotalSteps(examples) - firstStep;
        for (var epoch = (int)(firstStep / perEpoch); remaining > 0; epoch++)
        {
            var skip = epoch == firstStep / perEpoch ? (int)(firstStep % perEpoch) : 0;
            foreach (var step in BatchPlan.Epoch(examples, BatchSize, Seed, epoch).Skip(skip))
            {
                if (remaining-- <= 0)
                    yield break;
                yield return step;
            }
        }
    }
}
