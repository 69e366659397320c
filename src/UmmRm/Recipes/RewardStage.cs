#pragma warning disable CS1591 // each key is described once, in its Setting attribute

using System.Globalization;
using UmmRm.Training;

namespace UmmRm.Recipes;

/// <summary>METHOD 1's margin m: none, the data's own column, or a number.</summary>
/// <param name="FromData">Whether each pair brings its own.</param>
/// <param name="Value">Otherwise the margin of every pair; 0 is no margin.</param>
public sealed record Margin(bool FromData, double Value) : IParsable<Margin>
{
    /// <summary>No margin.</summary>
    public static Margin None { get; } = new(false, 0);

    /// <summary>Reads <c>none</c>, <c>data</c> or a number.</summary>
    /// <exception cref="FormatException">It is none of these.</exception>
    public static Margin Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var margin) ? margin : throw new FormatException("none, data (each pair's own) or a number is expected");

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out Margin result)
    {
        result = s == "data" ? new Margin(true, 0) : None;
        if (s is "none" or "data")
            return true;
        var isNumber = double.TryParse(s, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value);
        result = new Margin(false, value);
        return isNumber;
    }

    /// <inheritdoc/>
    public override string ToString() => FromData ? "data" : Value == 0 ? "none" : Value.ToString("R", CultureInfo.InvariantCulture);
}

/// <summary>Bradley-Terry training of a reward model, dense or mixture.</summary>
[StageKind("reward", "Bradley-Terry training of a reward model on preference pairs: from a language model (new head), a reward model (head kept) or an upcycled mixture.")]
public sealed record RewardStage : TrainingStage
{
    /// <summary>METHOD 6's defaults for reward models.</summary>
    public RewardStage() => (BatchSize, LearningRate, WarmupRatio, MaxLength) = (32, 1e-5, 0.03, 520);

    [Setting("The model to start from. A language model gets a new head, drawn from the seed.", Accepts = Artifact.AnyModel)]
    public required InputReference Model { get; init; }

    [Setting("Preference pairs.", Accepts = Artifact.Pairs)]
    public required DataInput Data { get; init; }

    [Setting("How much better the chosen side must score: none, data (each pair's own margin) or a number; the loss sees chosen - rejected - margin.")]
    public Margin Margin { get; init; } = Margin.None;

    [Setting("Weight c of the centering term c * mean((chosen + rejected)^2), which keeps scores around 0.", Minimum = 0)]
    public double Center { get; init; }

    [Setting("Weight w of the score penalty w * mean(chosen^2 + rejected^2) / 2; Coste et al.'s code has 1e-3.", Minimum = 0)]
    public double ScoreL2 { get; init; }

    [Setting("Probability with which a label is taken to be wrong.", Minimum = 0, Below = 0.5)]
    public double LabelSmoothing { get; init; }

    [Setting("Mixtures: weight of the load-balancing loss, CV^2 of importance + CV^2 of load; XFT has 0.01.", Minimum = 0)]
    public double LoadBalance { get; init; }

    [Setting("Mixtures: standard deviation of Gaussian noise on the routing logits while training, so that experts beyond the likeliest are tried.", Unit = "logits", Minimum = 0)]
    public double RouterNoise { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<Product> Products => [new("", Model.Artifact == Artifact.Mixture ? Artifact.Mixture : Artifact.RewardModel)];

    /// <summary>The loss with this stage's options.</summary>
    public BradleyTerryLoss ToLoss() => new() { Center = Center, ScoreL2 = ScoreL2, LabelSmoothing = LabelSmoothing };

    internal override void CheckTogether()
    {
        base.CheckTogether();
        if (Model.Artifact is Artifact.Policy or Artifact.RewardModel && LoadBalance + RouterNoise > 0)
            throw new ArgumentException($"{(LoadBalance > 0 ? "load_balance" : "router_noise")} is given, but '{Model}' is dense and has no router; only an upcycled model has one");
    }
}
