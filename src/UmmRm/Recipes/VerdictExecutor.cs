using System.Text.Json;
using UmmRm.Evaluation;

namespace UmmRm.Recipes;

/// <summary>Judges the policies of one run: verdict.json with all numbers, verdict.md with the table.</summary>
public sealed class VerdictExecutor : IStageExecutor<VerdictStage>
{
    internal const string FileName = "verdict.json";

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <inheritdoc/>
    public void Execute(VerdictStage stage, StageContext context)
    {
        var verdicts = Judge(stage, [stage.Curves.ToDictionary(input => input, context.PathOf)]);
        Write(context.Output(), verdicts);
        File.WriteAllText(Path.Combine(context.Folder, "verdict.md"), VerdictTable.Of(verdicts).ToMarkdown());
        context.Note(HackingVerdict.InWords(verdicts, NameOf(stage.Against)));
    }

    /// <summary>A method's name: its ppo stage's.</summary>
    public static string NameOf(InputReference curve) => curve.IsStage ? curve.Target : Path.GetFileName(Path.GetDirectoryName(curve.Target)!);

    /// <summary>Judges over runs of one recipe that differ in their seed.</summary>
    /// <param name="stage">The recipe's verdict stage.</param>
    /// <param name="runs">Where each run's curves lie.</param>
    public static IReadOnlyList<HackingVerdict> Judge(VerdictStage stage, IReadOnlyList<IReadOnlyDictionary<InputReference, string>> runs)
    {
        var curves = stage.Curves.ToDictionary(NameOf, IReadOnlyList<ProxyGoldCurve> (input) => [.. runs.Select(run => ProxyGoldCurve.Read(run[input]))]);
        var against = NameOf(stage.Against);
        if (stage.KlBudget is { } budget)
            curves[FormattableString.Invariant($"{against}, stopped at {budget} nats")] = [.. curves[against].Select(curve => curve.StoppedBy(StopRule.Kl, budget))];
        return HackingVerdict.Of(curves, against);
    }

    /// <summary>Judges over finished run folders of one recipe that differ in their seed.</summary>
    public static IReadOnlyList<HackingVerdict> JudgeRuns(VerdictStage stage, IReadOnlyList<string> runs) =>
        Judge(stage, [.. runs.Select(run => stage.Curves.ToDictionary(input => input, input => input.PathIn(run)))]);

    /// <summary>Writes verdicts as JSON.</summary>
    public static void Write(string path, IReadOnlyList<HackingVerdict> verdicts) => File.WriteAllText(path, ToJson(verdicts) + "\n");

    /// <summary>Verdicts as a JSON array.</summary>
    public static string ToJson(IReadOnlyList<HackingVerdict> verdicts) => JsonSerializer.Serialize(verdicts, Json);
}
