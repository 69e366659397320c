using UmmRm.Data;
using UmmRm.Evaluation;
using UmmRm.Reports;
using UmmRm.Rewards;

namespace UmmRm.Recipes;

/// <summary>Sensitivity of rewards to small changes of responses, and the spread of single experts: sensitivity.json with all numbers, sensitivity.md with the tables.</summary>
public sealed class SensitivityExecutor : IStageExecutor<SensitivityStage>
{
    /// <inheritdoc/>
    public void Execute(SensitivityStage stage, StageContext context)
    {
        var pairs = context.Fitting(stage, stage.Rewards[0], context.ReadPairs(stage, stage.Data).Rows, "pairs");
        var texts = new Texts(pairs, Limit(stage, context), context.Random("changes"));
        var (memory, all) = (new ScoreMemory(), stage.Rewards.Count + stage.Peers.Count + stage.Mixtures.Count);
        var done = 0;
        double[] Scores(InputReference input)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            using var reward = RewardFunctions.Open(context.PathOf(input), input.ToString(), (folder, name) => memory.Of(folder, name, () => RewardFunctions.Open(folder, name, stage.Encoder, stage.Precision, stage.TokenBudget)));
            var scores = FiniteScores.From(reward, texts.All, context.Cancellation);
            context.Progress?.Report(new ProgressReport(stage.Name, ++done, all, "rewards", input.ToString()));
            return scores;
        }
        var rewards = stage.Rewards.Select(input => (Name: input.ToString(), Scores: Scores(input))).ToList();
        var spreads = stage.Mixtures.Select(mixture => Spread($"{mixture}, single experts", Experts(stage, context, mixture, texts), texts, context.Seed)).ToList();
        if (stage.Peers.Count > 0)
            spreads.Add(Spread("trained separately", [.. stage.Peers.Select(input => (input.ToString(), Scores(input)))], texts, context.Seed));
        var result = new SensitivityResult(texts.Unchanged, texts.Changes.Count, Sensitivities(rewards, texts, context.Seed), [.. rewards.Select(reward => texts.Accuracy(reward.Scores))], spreads);
        RunJson.Write(context.Output(), result);
        File.WriteAllText(Path.Combine(context.Folder, "sensitivity.md"), result.Table().ToMarkdown() + (spreads.Count > 0 ? $"\n{result.SpreadTable().ToMarkdown()}" : ""));
    }

    private static Func<Completion, bool> Limit(SensitivityStage stage, StageContext context)
    {
        if (context.PathOf(stage.Rewards[0]) is var path && !Directory.Exists(path))
            return _ => true;
        var encoder = stage.Encoder(ModelFolder.Open(path));
        return text => encoder.Encode(text).Length <= encoder.MaxLength;
    }

    private static IReadOnlyList<RewardSensitivity> Sensitivities(IEnumerable<(string Name, double[] Scores)> rewards, Texts texts, long seed) =>
        RewardSensitivity.Of(texts.Prompts, texts.Changes, [.. rewards.Select(reward => (reward.Name, reward.Scores[..texts.Unchanged], reward.Scores[texts.Unchanged..]))], seed);

    private static MemberSpread Spread(string group, IReadOnlyList<(string Name, double[] Scores)> members, Texts texts, long seed)
    {
        var (spread, interval) = MemberSpread.Of([.. members.Select(member => member.Scores[..texts.Unchanged])], texts.Prompts, seed);
        return new(group, [.. members.Select(member => member.Name)], spread, interval, [.. Sensitivities(members, texts, seed).Select(reward => reward.Measures[0].Mean)], [.. members.Select(member => texts.Accuracy(member.Scores))]);
    }

    /// <summary>The scores of each routed expert merged alone with the shared one.</summary>
    private static List<(string Name, double[] Scores)> Experts(SensitivityStage stage, StageContext context, InputReference input, Texts texts)
    {
        using var mixture = RewardFunctions.Open(context.PathOf(input), input.ToString(), stage.Encoder, stage.Precision, stage.TokenBudget);
        var experts = (mixture as ModelReward)?.SingleExperts() ?? [];
        if (experts.Count == 0)
            throw new InvalidDataException($"{input} is no mixture of experts; mixtures names what upcycle or training on it made");
        return [.. experts.Select((expert, i) =>
        {
            context.Progress?.Report(new ProgressReport($"{stage.Name}, experts of {input}", i, experts.Count, "experts"));
            return (expert.Name, FiniteScores.From(expert, texts.All, context.Cancellation));
        })];
    }

    /// <summary>Both sides of pairs, and behind them their changed forms.</summary>
    private sealed class Texts
    {
        public Texts(IReadOnlyList<PreferencePair> pairs, Func<Completion, bool> fits, Runtime.SeededRandom random)
        {
            List<Completion> all = [.. pairs.SelectMany(pair => new[] { new Completion(pair.Prompt, pair.Chosen, pair.ChosenEnded), new Completion(pair.Prompt, pair.Rejected, pair.RejectedEnded) })];
            Unchanged = all.Count;
            Prompts = [.. pairs.SelectMany(pair => new[] { pair.PromptKey, pair.PromptKey })];
            for (var i = 0; i < Unchanged; i++)
            {
                foreach (var kind in Enum.GetValues<Perturbation>())
                {
                    if (Perturbations.Of(kind, all[i].Response, random) is not { } changed || all[i] with { Response = changed } is var text && !fits(text))
                        continue;
                    all.Add(text);
                    Changes.Add(new(i, kind));
                }
            }
            All = all;
        }

        /// <summary>How many are unchanged: chosen and rejected in turn.</summary>
        public int Unchanged { get; }

        public IReadOnlyList<Completion> All { get; }

        public IReadOnlyList<string> Prompts { get; }

        public List<PerturbedResponse> Changes { get; } = [];

        public double Accuracy(double[] scores) => Enumerable.Range(0, Unchanged / 2).Average(pair => scores[2 * pair] > scores[2 * pair + 1] ? 1.0 : 0);
    }
}
