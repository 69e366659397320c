using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace UmmRm.Weights;

/// <summary>A text and the score that a model gave it when it was written: any later load can prove that it still does.</summary>
public sealed record ProbeScore
{
    /// <summary>The prompt, as plain text, or null when the probe is a list of ids.</summary>
    public string? Prompt { get; init; }

    /// <summary>The response, or null when the probe is a list of ids.</summary>
    public string? Response { get; init; }

    /// <summary>The token ids that were scored; null when only the texts are recorded.</summary>
    public IReadOnlyList<int>? Ids { get; init; }

    /// <summary>The raw score.</summary>
    public required double Score { get; init; }
}

/// <summary>Mean and standard deviation of a reward on reference texts: what its z-scores are measured against.</summary>
/// <param name="Mean">Mean score.</param>
/// <param name="Sd">Standard deviation of the scores (n - 1).</param>
/// <param name="Count">How many texts they were measured on.</param>
public sealed record ScoreNormalisation(double Mean, double Sd, int Count)
{
    /// <summary>Whose texts they are: <see cref="HeldOut"/>, <see cref="Calibration"/>, or the name of a policy that wrote them.</summary>
    public string Source { get; init; } = HeldOut;

    /// <summary>Both sides of the pairs that training held out.</summary>
    public const string HeldOut = "held-out pairs";

    /// <summary>Both sides of the pairs that a merge was calibrated on.</summary>
    public const string Calibration = "calibration pairs";
}

/// <summary>What a reward model's folder says of how it was trained to read texts: <c>reward.json</c>, beside config.json.</summary>
public sealed record RewardMetadata
{
    private const string FileName = "reward.json";

    /// <summary>The template: a name (<c>alpaca</c>, <c>coste</c>, <c>hh</c>, <c>raw</c>, ...), <c>chat</c> for the folder's chat template, or a whole plain format.</summary>
    public required JsonNode Template { get; init; }

    /// <summary>What messages call the template.</summary>
    [JsonIgnore]
    public string TemplateName => (Template as JsonObject)?["name"]?.ToString() ?? Template.ToString();

    /// <summary>Whether the end-of-text token is appended to a rendered text that lacks it; false for chat templates, whose rendering stays as it is.</summary>
    public required bool AppendEos { get; init; }

    /// <summary>The longest text that the model was trained on, in tokens; null when there was no limit.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Texts with the scores that the model gave them when it was written.</summary>
    public IReadOnlyList<ProbeScore> Probes { get; init; } = [];

    /// <summary>The scores' distribution on reference texts, where it was measured.</summary>
    public ScoreNormalisation? Normalisation { get; init; }

    /// <summary>The same rules of reading without anything that belongs to particular weights: for a model made from this one.</summary>
    public RewardMetadata WithoutScores() => this with { Probes = [], Normalisation = null };

    /// <summary>Reads a folder's record, or null when it has none.</summary>
    /// <exception cref="InvalidDataException">The file is damaged or has an unknown key.</exception>
    public static RewardMetadata? Read(string folder) => JsonText.ReadRecord<RewardMetadata>(Path.Combine(folder, FileName));

    /// <summary>Writes the record into a folder, whole or not at all.</summary>
    public void Write(string folder) => JsonText.WriteRecord(Path.Combine(folder, FileName), this);
}
