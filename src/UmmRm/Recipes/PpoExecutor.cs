using System.Globalization;
using UmmRm.Data;
using UmmRm.Generation;
using UmmRm.Models;
using UmmRm.Ppo;
using UmmRm.Reports;
using UmmRm.Rewards;
using UmmRm.Training;
using UmmRm.Weights;

namespace UmmRm.Recipes;

/// <summary>PPO against a proxy. Gold scores the answers to the evaluation prompts here, outside the training, which never sees it.</summary>
public sealed class PpoExecutor : IStageExecutor<PpoStage>
{
    /// <inheritdoc/>
    public bool Resumes => true;

    /// <inheritdoc/>
    public void Execute(PpoStage stage, StageContext context)
    {
        var folder = ModelFolder.Open(context.PathOf(stage.Model));
        if (folder.EndId is null)
            throw new InvalidDataException($"{folder.Path}: config.json names no eos_token_id; a policy must be able to end its responses");
        var encoder = stage.Encoder(folder);
        var prompts = PolicyPrompts.Read(stage, context, folder, stage.Prompts, stage.MaxNewTokens, "training prompts");
        var evalPrompts = PolicyPrompts.Read(stage, context, folder, stage.EvalPrompts, stage.MaxNewTokens, "evaluation prompts");
        if (PromptOverlap.Between(prompts.Select(p => p.Text), evalPrompts.Select(p => p.Text)).Warning is { } overlap)
            context.Warn(overlap);
        using var policy = Policy(stage, folder);
        var model = new ActorCritic(policy, stage.TrainableLayers.Number, Seed(context, "value head"));
        using var rewards = PolicyRewards.Open(stage, context);
        var sampling = new SamplingSettings { MaxNewTokens = stage.MaxNewTokens, EndIds = folder.EndIds(encoder), PadId = folder.PadId, BatchSize = stage.SampleBatch };
        var sampler = new RolloutSampler(model, encoder, sampling, stage.TokenBudget);
        Train(stage, context, model, sampler, prompts, rewards.Proxy, new PolicyEvaluator(sampler, evalPrompts, rewards, Seed(context, "evaluation")), path => SavePolicy(folder, policy, path));
    }

    private static void Train(PpoStage stage, StageContext context, ActorCritic model, RolloutSampler sampler, IReadOnlyList<PolicyPrompt> prompts, IRewardFunction proxy, PolicyEvaluator evaluator, Action<string> savePolicy)
    {
        var snapshots = Path.Combine(context.WorkFolder, "snapshot");
        var record = new PpoRecord(context, savePolicy);
        var resuming = context.Resuming && TrainingSnapshot.Exists(snapshots) && record.Exists;
        if (resuming)
            record.Load();
        else
            record.Begin(evaluator.Answer());
        var reward = stage.Normalise ? new NormalizedReward(proxy, record.Normalization) : proxy; // disposed by the caller
        var settings = stage.ToPpoSettings(context.Seed, sampler.PadId);
        if (stage.Shaping == ShapingKind.Sigmoid)
            settings = settings with { Shaping = RewardShaping.Sigmoid(References(stage, context, sampler, prompts, reward)) };
        using var trainer = new PpoTrainer(model, sampler, prompts, reward, settings);
        if (resuming)
        {
            trainer.Restore(snapshots);
            record.Resume(trainer.Step);
            context.Note($"goes on after step {trainer.Step} of {settings.MaxSteps}");
        }
        foreach (var iteration in trainer.Run())
        {
            context.Metrics.Write(iteration.Step, [.. iteration.Metrics, new("time/sampling", iteration.Times.Sampling), new("time/measuring", iteration.Times.Measuring), new("time/scoring", iteration.Times.Scoring), new("time/updating", iteration.Times.Updating)]);
            var last = iteration.Step == settings.MaxSteps;
            if (last || iteration.Iteration % stage.EvalEvery == 0)
                record.Add(evaluator.Answer(), iteration.Iteration, iteration.Step);
            context.Progress?.Report(new ProgressReport(stage.Name, iteration.Step, settings.MaxSteps, "steps", string.Create(CultureInfo.InvariantCulture, $"proxy {iteration.Metrics["objective/proxy"]:0.00}, KL {iteration.Metrics["objective/kl"]:0.0}")));
            if (!last && (context.Cancellation.IsCancellationRequested || iteration.Iteration % stage.SaveEvery == 0))
                trainer.Save(snapshots);
            if (!last)
                context.Cancellation.ThrowIfCancellationRequested();
        }
        savePolicy(context.Output("final"));
        record.Place();
    }

    /// <summary>The scores of the starting policy's responses to each training prompt.</summary>
    private static double[][] References(PpoStage stage, StageContext context, RolloutSampler sampler, IReadOnlyList<PolicyPrompt> prompts, IRewardFunction reward)
    {
        var rounds = Enumerable.Range(0, stage.ShapingReferences).Select(round =>
        {
            context.Cancellation.ThrowIfCancellationRequested();
            context.Progress?.Report(new ProgressReport($"{stage.Name}, reference responses", round, stage.ShapingReferences, "rounds"));
            return FiniteScores.From(reward, sampler.Answer(prompts, Seed(context, $"reference responses {round}")), context.Cancellation);
        }).ToList();
        return [.. prompts.Select((_, i) => rounds.Select(round => round[i]).ToArray())];
    }

    /// <summary>The starting policy; a head that is to train above a frozen embedding must not be the embedding itself.</summary>
    private static CausalLM Policy(PpoStage stage, ModelFolder folder)
    {
        var policy = folder.LoadLanguageModel(stage.Precision);
        if (stage.TrainableLayers.Number is null || !folder.Config.Model.TieWordEmbeddings)
            return policy;
        using (policy)
            return policy.Untied();
    }

    private static void SavePolicy(ModelFolder folder, CausalLM policy, string path)
    {
        var tied = policy.Decoder.Config.TieWordEmbeddings;
        Checkpoint.Save(path, tied == folder.Config.Model.TieWordEmbeddings ? folder.Config : folder.Config.Untied(), policy, folder.Config.StoredType, folder.Path);
    }

    private static long Seed(StageContext context, string purpose) => (long)(context.Random(purpose).NextUInt64() >> 1);
}
