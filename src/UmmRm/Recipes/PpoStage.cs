#pragma warning disable CS1591 // each key is described once, in its Setting attribute

using UmmRm.Ppo;

namespace UmmRm.Recipes;

/// <summary>What is done to the proxy's score before PPO sees it.</summary>
public enum ShapingKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It is limited.</summary>
    Clip,

    /// <summary>The sigmoid of its distance from reference responses' scores (arXiv 2502.18770).</summary>
    Sigmoid,
}

/// <summary>Proximal policy optimisation of a policy against a proxy reward, watched by gold.</summary>
[StageKind("ppo", "Trains a policy by PPO against a proxy reward; fixed evaluation prompts are answered now and then, and scored by proxy and gold. Gold never reaches an update.")]
public sealed record PpoStage : OptimizedStage
{
    /// <summary>METHOD 7's defaults; where it is silent, Coste et al.'s.</summary>
    public PpoStage() => (BatchSize, LearningRate, WeightDecay, Epsilon, FinalLearningRateRatio, Clip) = (32, 1e-6, 1e-6, 1e-8, 0.1, 1.0);

    [Setting("The policy to start from; as it is then it is also the reference.", Accepts = Artifact.Policy)]
    public required InputReference Model { get; init; }

    [Setting("The reward that is maximised. It scores texts, and may have another tokenizer and template than the policy.", Accepts = Artifact.AnyReward)]
    public required InputReference Proxy { get; init; }

    [Setting("The reward that only watches. null: nobody does, and no checkpoint at its peak is kept.", Accepts = Artifact.AnyReward)]
    public InputReference? Gold { get; init; }

    [Setting("Rewards with no part in the training; how far the proxy runs ahead of them is measured at every evaluation, as a stop rule that needs no gold.", Accepts = Artifact.AnyReward)]
    public IReadOnlyList<InputReference> Referees { get; init; } = [];

    [Setting("The prompts to train on.", Accepts = Artifact.AnyText)]
    public required DataInput Prompts { get; init; }

    [Setting("The prompts of every evaluation.", Accepts = Artifact.AnyText)]
    public required DataInput EvalPrompts { get; init; }

    [Setting("How many of the policy's last layers train, besides the final norm and the head, or all. The others are computed once a response; frozen copies of those that train are the reference.")]
    public LayerCount TrainableLayers { get; init; } = new(2);

    [Setting("Updates of the whole training; the last iteration may make fewer than the others.", Unit = "steps", Minimum = 1)]
    public int MaxSteps { get; init; } = 3_000;

    [Setting("Responses drawn and scored in an iteration.", Unit = "responses", Minimum = 2)]
    public int Rollouts { get; init; } = 256;

    [Setting("Passes over an iteration's responses.", Minimum = 1)]
    public int Epochs { get; init; } = 4;

    [Setting("Responses that are drawn together.", Unit = "responses", Minimum = 1)]
    public int SampleBatch { get; init; } = 32;

    [Setting("The longest response, its end marker included.", Unit = "tokens", Minimum = 1)]
    public int MaxNewTokens { get; init; } = 256;

    [Setting("The ratio of new to old probability is clipped to 1 +- this.", Above = 0, Below = 1)]
    public double ClipRange { get; init; } = 0.2;

    [Setting("A value is clipped to the old one +- this.", Above = 0)]
    public double ValueClipRange { get; init; } = 0.2;

    [Setting("Weight of the value loss beside the policy's.", Minimum = 0)]
    public double ValueCoefficient { get; init; } = 1;

    [Setting("Discount a token.", Minimum = 0, Maximum = 1)]
    public double Gamma { get; init; } = 1;

    [Setting("lambda of generalised advantage estimation.", Minimum = 0, Maximum = 1)]
    public double GaeLambda { get; init; } = 0.95;

    [Setting("Over which response tokens advantages are whitened: all of an iteration's rollout, or each minibatch's as in trlx.")]
    public WhiteningScope Whitening { get; init; } = WhiteningScope.Rollout;

    [Setting("Give the proxy mean 0 and standard deviation 1 on the starting policy's answers to eval_prompts.")]
    public bool Normalise { get; init; }

    [Setting("What is then done to the proxy's score: none, clip (to +- shaping_bound) or sigmoid (the mean of sigmoid(score - reference score) over the starting policy's responses to the same prompt).")]
    public ShapingKind Shaping { get; init; } = ShapingKind.None;

    [Setting("Bound of shaping: clip.", Above = 0)]
    public double ShapingBound { get; init; } = 3;

    [Setting("Responses of the starting policy to each prompt for shaping: sigmoid.", Minimum = 1)]
    public int ShapingReferences { get; init; } = 1;

    [Setting("The shaped score is limited to +- this.", Above = 0)]
    public double ScoreClip { get; init; } = 10;

    [Setting("The price of divergence from the reference at the start, in reward a nat.", Minimum = 0)]
    public double KlCoefficient { get; init; }

    [Setting("The divergence that the price is steered to, in nats a response. null: the price stays.", Above = 0)]
    public double? KlTarget { get; init; }

    [Setting("How slowly the price is steered.", Unit = "responses", Above = 0)]
    public double KlHorizon { get; init; } = 10_000;

    [Setting("Evaluate every so many iterations, besides before the first and after the last.", Unit = "iterations", Minimum = 1)]
    public int EvalEvery { get; init; } = 5;

    [Setting("Save a snapshot, from which a stopped run goes on exactly, every so many iterations.", Unit = "iterations", Minimum = 1)]
    public int SaveEvery { get; init; } = 5;

    /// <inheritdoc/>
    public override IReadOnlyList<Product> Products =>
    [
        new("final", Artifact.Policy),
        .. Gold is null ? Array.Empty<Product>() : [new Product("peak", Artifact.Policy, "peak")],
        new("curve", Artifact.Curve, "curve.json"),
        new("samples", Artifact.Samples, "samples"),
    ];

    /// <summary>The settings as the trainer takes them, but for the shaping, which needs reference scores.</summary>
    /// <param name="seed">Fixes prompts, draws and minibatches.</param>
    /// <param name="padId">The id that fills rows up.</param>
    public PpoSettings ToPpoSettings(long seed, int padId) => new()
    {
        MaxSteps = MaxSteps,
        Rollouts = Rollouts,
        Epochs = Epochs,
        BatchSize = BatchSize,
        TokenBudget = TokenBudget,
        Loss = new PpoLoss { ClipRange = ClipRange, ValueClipRange = ValueClipRange, ValueCoefficient = ValueCoefficient },
        Gamma = Gamma,
        GaeLambda = GaeLambda,
        Whitening = Whitening,
        ScoreClip = ScoreClip,
        Kl = new KlCoefficient { Start = KlCoefficient, Target = KlTarget, Horizon = KlHorizon },
        Shaping = Shaping == ShapingKind.Clip ? RewardShaping.Clip(ShapingBound) : RewardShaping.None,
        Optimizer = ToOptimizer(),
        Schedule = Schedule,
        FinalLearningRateRatio = FinalLearningRateRatio,
        Seed = seed,
        PadId = padId,
    };

    internal override void CheckTogether()
    {
        base.CheckTogether();
        if (KlTarget is not null && KlCoefficient == 0)
            throw new ArgumentException("kl_target is given and kl_coefficient is 0; the price is steered by factors, so it must start above 0");
    }
}
