using UmmRm.Training;

namespace UmmRm.Ppo;

/// <summary>How a policy is trained against a proxy; the defaults are METHOD 7's.</summary>
public sealed record PpoSettings
{
    /// <summary>Updates of the whole training: one for each minibatch.</summary>
    public required long MaxSteps { get; init; }

    /// <summary>Responses of an iteration.</summary>
    public int Rollouts { get; init; } = 256;

    /// <summary>Passes over an iteration's responses.</summary>
    public int Epochs { get; init; } = 4;

    /// <summary>Responses of an update.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Most tokens of one forward pass, padding included.</summary>
    public int TokenBudget { get; init; } = 8192;

    /// <summary>The clipped losses.</summary>
    public PpoLoss Loss { get; init; } = new();

    /// <summary>gamma, the discount a token.</summary>
    public double Gamma { get; init; } = 1;

    /// <summary>lambda of generalised advantage estimation.</summary>
    public double GaeLambda { get; init; } = 0.95;

    /// <summary>Over which tokens advantages are whitened.</summary>
    public WhiteningScope Whitening { get; init; } = WhiteningScope.Rollout;

    /// <summary>A shaped score is limited to +- this.</summary>
    public double ScoreClip { get; init; } = 10;

    /// <summary>The price of divergence from the reference.</summary>
    public KlCoefficient Kl { get; init; } = new();

    /// <summary>What happens to scores before they are clipped.</summary>
    public RewardShaping Shaping { get; init; } = RewardShaping.None;

    /// <summary>The optimiser.</summary>
    public required AdamWSettings Optimizer { get; init; }

    /// <summary>The learning rate's shape.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Cosine;

    /// <summary>The learning rate's factor at the end.</summary>
    public double FinalLearningRateRatio { get; init; } = 0.1;

    /// <summary>Fixes prompts, draws and minibatches.</summary>
    public long Seed { get; init; }

    /// <summary>The id that fills rows up.</summary>
    public required int PadId { get; init; }

    /// <summary>Updates of a whole iteration.</summary>
    public int StepsPerIteration => Epochs * ((Rollouts + BatchSize - 1) / BatchSize);

    /// <summary>Iterations of the whole training; the last one may make fewer updates.</summary>
    public long Iterations => (MaxSteps + StepsPerIteration - 1) / StepsPerIteration;
}
