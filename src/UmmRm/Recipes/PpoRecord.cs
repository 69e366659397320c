using System.Globalization;
using UmmRm.Data;
using UmmRm.Evaluation;
using UmmRm.Rewards;
using UmmRm.Weights;

namespace UmmRm.Recipes;

/// <summary>What a PPO stage records while it runs, in its work folder, so that a stopped run finds it again: the curve, the answers of each evaluation, and the policy at gold's peak.</summary>
/// <param name="context">The stage's context.</param>
/// <param name="savePolicy">Writes the policy as it is into a folder.</param>
internal sealed class PpoRecord(StageContext context, Action<string> savePolicy)
{
    private const string CurveName = "curve.json";
    private const string SamplesName = "samples";
    private const string PeakName = "peak";

    private ProxyGoldCurve? _curve;

    /// <summary>The proxy's scale on the starting policy's answers.</summary>
    public RewardNormalization Normalization => _curve!.Normalization;

    /// <summary>Whether a stopped run left its record; what was being put in its place when it stopped is none.</summary>
    public bool Exists => File.Exists(Work(CurveName));

    /// <summary>Begins with the starting policy's answers.</summary>
    public void Begin(ScoredAnswers answers)
    {
        _curve = new ProxyGoldCurve(RewardNormalization.Fit(answers.Proxy), []) { RefereeNormalizations = [.. answers.Referees.Select(RewardNormalization.Fit)] };
        context.Metrics.Rewind(-1);
        Add(answers, iteration: 0, step: 0);
    }

    /// <summary>Goes on after a step.</summary>
    public void Resume(long step)
    {
        _curve = _curve!.Until(step);
        context.Metrics.Rewind(step);
    }

    /// <summary>Reads what a stopped run recorded.</summary>
    public void Load() => _curve = ProxyGoldCurve.Read(Work(CurveName));

    /// <summary>Adds an evaluation; the policy is kept where gold never was so high.</summary>
    public PolicyEvaluation Add(ScoredAnswers answers, long iteration, long step)
    {
        var (evaluation, before) = (answers.Summarise(iteration, step, _curve!), _curve!.Peak);
        context.Metrics.Write(step, evaluation.Metrics());
        Directory.CreateDirectory(Work(SamplesName));
        using (var writer = new JsonLinesWriter(PolicySamples.FileOf(Work(SamplesName), step)))
        {
            foreach (var row in answers.Rows())
                writer.Write(row);
            writer.Commit();
        }
        if (evaluation.Gold is not null && (before is null || evaluation.Gold > before.Gold))
            savePolicy(Work(PeakName));
        _curve = _curve.With(evaluation);
        AtomicFile.WriteText(Work(CurveName), _curve.ToJson());
        return evaluation;
    }

    /// <summary>Puts everything beside the finished policy.</summary>
    public void Place()
    {
        File.Move(Work(CurveName), context.Output("curve"));
        Directory.Move(Work(SamplesName), context.Output("samples"));
        if (_curve!.Peak is { } peak)
        {
            Directory.Move(Work(PeakName), context.Output(PeakName));
            context.Note(string.Create(CultureInfo.InvariantCulture, $"gold {_curve.Evaluations[0].Gold:0.00} at the start, {peak.Gold:0.00} at its peak (step {peak.Step}, {peak.Kl:0.0} nats), {_curve.Evaluations[^1].Gold:0.00} at the end ({_curve.Evaluations[^1].Kl:0.0} nats)"));
        }
    }

    private string Work(string name) => Path.Combine(context.WorkFolder, name);
}
