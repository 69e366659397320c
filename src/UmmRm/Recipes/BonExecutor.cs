using UmmRm.Data;
using UmmRm.Evaluation;
using UmmRm.Generation;
using UmmRm.Ppo;
using UmmRm.Reports;
using UmmRm.Rewards;

namespace UmmRm.Recipes;

/// <summary>Best-of-n by every reward on the same samples: bon.json with all numbers, bon.md with the table. An answer that a prompt is given twice is scored once.</summary>
public sealed class BonExecutor : IStageExecutor<BonStage>
{
    /// <inheritdoc/>
    public void Execute(BonStage stage, StageContext context)
    {
        var folder = ModelFolder.Open(context.PathOf(stage.Model));
        var prompts = PolicyPrompts.Read(stage, context, folder, stage.Prompts, stage.MaxNewTokens, "prompts");
        var answers = Answer(stage, context, folder, prompts);
        IReadOnlyList<Completion> distinct = [.. answers.SelectMany(prompt => prompt.Distinct)];
        var memory = new ScoreMemory();
        var gold = Score(stage, context, memory, stage.Gold, distinct);
        var proxies = stage.Rewards.Append(stage.Gold).Select((reward, index) =>
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var scores = reward == stage.Gold ? gold : Score(stage, context, memory, reward, distinct);
            context.Progress?.Report(new ProgressReport(stage.Name, index + 1, stage.Rewards.Count + 1, "rewards", reward.ToString()));
            return (reward.ToString(), Spread(answers, scores));
        });
        var curves = BestOfNCurve.Of([.. answers.Select(prompt => prompt.Key)], Spread(answers, gold), proxies, context.Seed);
        var result = new BonResult(stage.Model.ToString(), stage.Gold.ToString(), answers.Count, stage.Samples, distinct.Count, curves);
        RunJson.Write(context.Output(), result);
        File.WriteAllText(Path.Combine(context.Folder, "bon.md"), result.Table().ToMarkdown());
    }

    /// <summary>All answers to every prompt, those that repeat as one; in portions, so that only their texts are held.</summary>
    private static List<PromptAnswers> Answer(BonStage stage, StageContext context, ModelFolder folder, IReadOnlyList<PolicyPrompt> prompts)
    {
        using var policy = folder.LoadLanguageModel(stage.Precision);
        var encoder = stage.Encoder(folder);
        var answers = prompts.Select(prompt => new PromptAnswers(prompt.Text, stage.Samples)).ToList();
        var (all, done, seed) = ((long)prompts.Count * stage.Samples, 0L, (long)(context.Random("samples").NextUInt64() >> 1));
        foreach (var portion in Draws(prompts.Count, stage.Samples).Chunk(stage.SampleBatch))
        {
            var sampling = new SamplingSettings { Temperature = stage.Temperature, MaxNewTokens = stage.MaxNewTokens, EndIds = folder.EndIds(encoder), PadId = folder.PadId, BatchSize = stage.SampleBatch, Seed = seed + done };
            var drawn = new Sampler(policy, sampling).Generate([.. portion.Select(i => prompts[i].Ids)], cancellation: context.Cancellation);
            foreach (var (place, response) in portion.Zip(drawn))
                answers[place].Add(encoder.DecodeResponse(prompts[place].Text, response.Ids, response.Ended));
            done += portion.Length;
            context.Progress?.Report(new ProgressReport($"{stage.Name}, responses", done, all, "responses"));
        }
        return answers;
    }

    /// <summary>The place of the prompt of every draw, prompt after prompt, so that those drawn together are of like length.</summary>
    private static IEnumerable<int> Draws(int prompts, int samples) => Enumerable.Range(0, prompts).SelectMany(prompt => Enumerable.Repeat(prompt, samples));

    private static double[] Score(BonStage stage, StageContext context, ScoreMemory memory, InputReference input, IReadOnlyList<Completion> texts)
    {
        using var reward = RewardFunctions.Open(context.PathOf(input), input.ToString(),
            (folder, name) => memory.Of(folder, name, () => RewardFunctions.Open(folder, name, precision: stage.Precision, tokenBudget: stage.TokenBudget)));
        return FiniteScores.From(reward, texts, context.Cancellation);
    }

    /// <summary>Scores of distinct answers as [prompt][sample] scores.</summary>
    private static IReadOnlyList<double[]> Spread(List<PromptAnswers> answers, double[] scores)
    {
        var from = 0;
        return answers.ConvertAll(prompt =>
        {
            var start = from;
            from += prompt.Distinct.Count;
            return prompt.Drawn.Select(i => scores[start + i]).ToArray();
        });
    }

    /// <summary>What one prompt was answered with.</summary>
    private sealed class PromptAnswers(Tokenization.Conversation prompt, int samples)
    {
        private readonly Dictionary<(string, bool), int> _known = [];

        /// <summary>The prompt as one text.</summary>
        public string Key { get; } = string.Join('\n', prompt.Turns.Select(turn => $"{turn.Role}: {turn.Content}").Append(prompt.Input));

        /// <summary>Different answers, in the order in which they came.</summary>
        public List<Completion> Distinct { get; } = [];

        /// <summary>The place of each sample among them.</summary>
        public List<int> Drawn { get; } = new(samples);

        public void Add(Completion answer)
        {
            if (!_known.TryGetValue((answer.Response, answer.Ended), out var place))
            {
                _known[(answer.Response, answer.Ended)] = place = Distinct.Count;
                Distinct.Add(answer);
            }
            Drawn.Add(place);
        }
    }
}
