using System.Text.Json;
using UmmRm.Rewards;

namespace UmmRm.Evaluation;

/// <summary>curve.json: a policy's evaluations from the start of its training on, in their order.</summary>
/// <param name="Normalization">The proxy's mean and standard deviation over the starting policy's answers.</param>
/// <param name="Evaluations">The evaluations; the first one is of the starting policy.</param>
public sealed record ProxyGoldCurve(RewardNormalization Normalization, IReadOnlyList<PolicyEvaluation> Evaluations)
{
    /// <summary>The same of each referee.</summary>
    public IReadOnlyList<RewardNormalization> RefereeNormalizations { get; init; } = [];

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>The evaluation with the highest gold score, the first of several; null where nobody watched.</summary>
    public PolicyEvaluation? Peak => Evaluations.Where(evaluation => evaluation.Gold is not null).MaxBy(evaluation => evaluation.Gold);

    /// <summary>The curve up to a step.</summary>
    public ProxyGoldCurve Until(long step) => this with { Evaluations = [.. Evaluations.Where(evaluation => evaluation.Step <= step)] };

    /// <summary>The curve as far as a stop rule lets it go: up to the first evaluation whose number exceeds the threshold.</summary>
    public ProxyGoldCurve StoppedBy(StopRule rule, double threshold) =>
        Evaluations.FirstOrDefault(evaluation => rule.Measure(evaluation) > threshold) is { } stop ? Until(stop.Step) : this;

    /// <summary>The curve with one evaluation more.</summary>
    public ProxyGoldCurve With(PolicyEvaluation evaluation) => this with { Evaluations = [.. Evaluations, evaluation] };

    /// <summary>Reads a curve.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no curve.</exception>
    public static ProxyGoldCurve Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<ProxyGoldCurve>(File.ReadAllText(path), Json) ?? throw new InvalidDataException($"{path}: null; a curve.json is expected, as a ppo stage writes it");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: it is no curve.json as a ppo stage writes it: {e.Message}", e);
        }
    }

    /// <summary>The file's text; numbers can be read back exactly.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json) + "\n";
}
