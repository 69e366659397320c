using UmmRm.Runtime;

namespace UmmRm.Worlds;

/// <summary>How the preference pairs of an experiment in the built-in world are made: two samples of the tuned policy per prompt, ordered by gold, some labels flipped.</summary>
public sealed record WorldSetting
{
    /// <summary>A, E or V.</summary>
    public required string Name { get; init; }

    /// <summary>Pairs drawn, those that will be dropped as ties and those kept for calibration included.</summary>
    public required int PairsDrawn { get; init; }

    /// <summary>The learning rate of the reward model in this setting.</summary>
    public required double RewardLearningRate { get; init; }

    /// <summary>Share of the samples that are drawn at <see cref="HotTemperature"/> instead of 1, which puts malformed text into the pairs: 0..1.</summary>
    public double HotShare { get; init; }

    /// <summary>The sampling temperature of those samples.</summary>
    public double HotTemperature { get; init; } = 2;

    /// <summary>Share of the training labels that are flipped: 0..1.</summary>
    public double LabelNoise { get; init; } = 0.25;

    /// <summary>Pairs taken from the end and kept from training, for merging.</summary>
    public int CalibrationPairs { get; init; } = 300;

    /// <summary>The default: plenty of pairs, all of the policy's ordinary samples.</summary>
    public static WorldSetting A { get; } = new() { Name = "A", PairsDrawn = 4300, RewardLearningRate = 5e-4 };

    /// <summary>Fewer pairs, malformed samples among them.</summary>
    public static WorldSetting E { get; } = new() { Name = "E", PairsDrawn = 3000, RewardLearningRate = 7e-4, HotShare = 0.3 };

    /// <summary>Few pairs and a high learning rate: a reward model that is over-fitted on purpose.</summary>
    public static WorldSetting V { get; } = new() { Name = "V", PairsDrawn = 2000, RewardLearningRate = 1.5e-3 };

    /// <summary>The setting of a name.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static WorldSetting Named(string name) => name switch
    {
        "A" => A,
        "E" => E,
        "V" => V,
        _ => throw new ArgumentException($"the built-in world has no setting \"{name}\"; choose A (default), E (malformed samples) or V (over-fitted)"),
    };

    /// <summary>The temperature at which each of a number of samples is to be drawn.</summary>
    public double[] Temperatures(int samples, SeededRandom random) =>
        [.. Enumerable.Range(0, samples).Select(_ => random.Chance(HotShare) ? HotTemperature : 1.0)];
}
