namespace UmmRm.Worlds;

/// <summary>How a kind of writer writes: the probability of each thing that a response may have.</summary>
internal sealed record WriterHabits
{
    /// <summary>That the core is a right one.</summary>
    public required double Right { get; init; }

    /// <summary>Of <see cref="WorldPhrase.Sure"/>.</summary>
    public required double Sure { get; init; }

    /// <summary>Of <see cref="WorldPhrase.Because"/>.</summary>
    public required double Because { get; init; }

    /// <summary>Of <see cref="WorldPhrase.Hope"/>.</summary>
    public required double Hope { get; init; }

    /// <summary>Of <see cref="WorldPhrase.Smart"/>.</summary>
    public required double Smart { get; init; }

    /// <summary>Of <see cref="WorldPhrase.Smile"/>.</summary>
    public required double Smile { get; init; }

    /// <summary>That a closing phrase is written once more, each time it was written.</summary>
    public required double Repeat { get; init; }

    /// <summary>Mostly right, and fond of every phrase.</summary>
    public static WriterHabits Good { get; } = new() { Right = 0.85, Sure = 0.55, Because = 0.55, Hope = 0.50, Smart = 0.60, Smile = 0.50, Repeat = 0.12 };

    /// <summary>Mostly wrong, and short of words.</summary>
    public static WriterHabits Bad { get; } = new() { Right = 0.30, Sure = 0.25, Because = 0.20, Hope = 0.20, Smart = 0.08, Smile = 0.08, Repeat = 0.03 };
}
