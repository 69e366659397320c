using UmmRm.Data;
using UmmRm.Generation;
using UmmRm.Models;
using UmmRm.Ppo;
using UmmRm.Recipes;
using UmmRm.Rewards;
using UmmRm.Runtime;
using UmmRm.Tests.Cli;
using UmmRm.Tests.Models;
using UmmRm.Tokenization;
using UmmRm.Training;
using static TorchSharp.torch;

namespace UmmRm.Tests.Ppo;

public sealed class PpoTrainerTests : IDisposable
{
    private readonly TinyModels _models = new();

    public void Dispose() => _models.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(null)]
    public void Run_FirstIteration_StartsAtRatioOneAndZeroDivergence(int? layers)
    {
        using var run = Create(Settings with { Epochs = 1, BatchSize = 16, MaxSteps = 1 }, layers);
        var iteration = Assert.Single(run.Run());
        Assert.Equal((1, 1), (iteration.Iteration, iteration.Step));
        Assert.Equal(1, iteration.Metrics["val/ratio"], 1e-5);
        Assert.Equal(0, iteration.Metrics["policy/approxkl_avg"], 1e-9);
        Assert.Equal(0, iteration.Metrics["policy/clipfrac_avg"]);
        Assert.Equal(0, iteration.Metrics["objective/kl"], 1e-4);
        Assert.Equal(iteration.Rollouts.Average(rollout => (double)rollout.Length), iteration.Metrics["response_length"], 1e-9);
    }

    [Fact]
    public void Run_TwoUpdates_HaveTheLossesAndGradientNormsOfThePlainFormula()
    {
        var settings = Settings with { Epochs = 2, BatchSize = 16, MaxSteps = 2, Optimizer = new AdamWSettings { LearningRate = 3e-3 } };
        using var run = Create(settings, 1);
        var iteration = run.Run().Single();
        var model = new ActorCritic(GoldenModel.LanguageModel("llama-gqa"), 1, valueHeadSeed: 7);
        using var optimizer = new AdamW(model.named_parameters(), settings.Optimizer);
        var plain = Enumerable.Range(0, 2).Select(step =>
        {
            var (policy, value) = PlainLosses(model, iteration);
            optimizer.ZeroGradients();
            (policy + value).backward();
            return (Policy: policy.item<float>(), Value: value.item<float>(), Norm: optimizer.Step(step == 0 ? 1 : 0.1 + 0.9 * 0.5 * (1 + Math.Cos(Math.PI / 2))));
        }).ToArray();
        Assert.True(iteration.Metrics["policy/approxkl_avg"] > 1e-4); // the second update is not at ratio 1
        Assert.Equal(plain.Average(step => step.Policy), iteration.Metrics["loss/policy_avg"], 1e-4);
        Assert.Equal(plain.Average(step => step.Value), iteration.Metrics["loss/value_avg"], 1e-3);
        Assert.Equal(plain.Average(step => step.Norm), iteration.Metrics["grad_norm"], 1e-2 * plain.Average(step => step.Norm));
    }

    [Fact]
    public void Run_OneTextAPass_GivesTheMetricsOfAllTogether()
    {
        using var together = Create(Settings, 1);
        using var apart = Create(Settings with { TokenBudget = 1 }, 1);
        foreach (var (expected, actual) in together.Run().Zip(apart.Run()))
        {
            Assert.Equal(expected.Metrics.Keys, actual.Metrics.Keys);
            Assert.All(expected.Metrics, metric => Assert.Equal(metric.Value, actual.Metrics[metric.Key], 2e-3 * Math.Max(1, Math.Abs(metric.Value))));
        }
    }

    [Theory]
    [InlineData(1, 0.0)]
    [InlineData(2, 6.0)]
    public void Run_StoppedAndRestored_ContinuesBitForBit(int stopAfter, double klTarget)
    {
        var settings = Settings with { MaxSteps = 11, Kl = new KlCoefficient { Start = 0.1, Target = klTarget == 0 ? null : klTarget, Horizon = 100 } };
        using var whole = Create(settings, 1, out var uninterrupted);
        var expected = whole.Run().Select(Facts).ToList();
        Assert.Equal(3, expected.Count); // 4 updates, 4 and 3

        using var first = Create(settings, 1);
        foreach (var iteration in first.Run())
        {
            if (iteration.Iteration == stopAfter)
                break;
        }
        first.Save(_models.Folder["snapshot"]);
        using var second = Create(settings, 1, out var resumed);
        second.Restore(_models.Folder["snapshot"]);
        Assert.Equal(expected[stopAfter..], second.Run().Select(Facts));
        foreach (var ((name, parameter), (_, other)) in uninterrupted.named_parameters().Zip(resumed.named_parameters()))
            TensorAssert.Equal(parameter.detach(), other.detach(), name);

        static string Facts(PpoIteration i) => $"{i.Step} {string.Join(' ', i.Metrics.Select(m => $"{m.Key}={m.Value:R}"))} {string.Join('|', i.Rollouts.Select(r => r.Completion.Response))}";
    }

    [Fact]
    public void Run_RewardForAWord_MakesThePolicyWriteIt()
    {
        using var run = Create(Settings with { MaxSteps = 60, Optimizer = new AdamWSettings { LearningRate = 1e-2 } }, null, out _, new WordReward("w10"));
        var scores = run.Run().Select(iteration => iteration.Metrics["objective/proxy"]).ToList();
        Assert.True(scores[^1] > scores[0] + 1, string.Join(" ", scores));
    }

    [Fact]
    public void Run_Scores_AreShapedThenClippedAndGivenToTheLastToken()
    {
        using var run = Create(Settings with { MaxSteps = 1, ScoreClip = 2, Shaping = RewardShaping.Clip(3), Gamma = 1, GaeLambda = 1 }, 1, out _, new WordReward("w10", factor: 100, offset: -50));
        var iteration = run.Run().Single();
        Assert.All(iteration.Scores, score => Assert.InRange(score, -2, 2));
        Assert.Contains(iteration.Scores, score => score == -2);
        Assert.Equal(iteration.Scores.Average(), iteration.Metrics["objective/scores"], 1e-12);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Run_RewardThatIsNotFinite_NamesIterationPromptAndResponse(double reward)
    {
        using var run = Create(Settings, 1, out _, new WordReward("w10", factor: 0, offset: reward));
        var message = Assert.Throws<InvalidDataException>(() => run.Run().First()).Message;
        Assert.Contains("iteration 1: words scored the response to prompt", message, StringComparison.Ordinal);
        Assert.Matches(@"The prompt was: w\d\d.* \| The response was: w\d\d", message);
    }

    [Fact]
    public void Run_PromptLongerThanTheContext_NamesIt()
    {
        using var run = Create(Settings, 1, out _, prompts: [new PolicyPrompt(Conversation.FromPrompt("w05"), [.. Enumerable.Repeat(5, 4000)])]);
        Assert.Contains("prompt 0 has 4000 tokens", Assert.Throws<ArgumentException>(() => run.Run().First()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_NoPrompts_Throws() => Assert.Throws<ArgumentException>(() => Create(Settings, 1, out _, prompts: []));

    private static PpoSettings Settings => new() { MaxSteps = 4, Rollouts = 16, BatchSize = 8, Epochs = 2, PadId = 0, Seed = 3, Optimizer = new AdamWSettings { LearningRate = 1e-3 } };

    private PpoTrainer Create(PpoSettings settings, int? layers) => Create(settings, layers, out _);

    private PpoTrainer Create(PpoSettings settings, int? layers, out ActorCritic model, IRewardFunction? proxy = null, IReadOnlyList<PolicyPrompt>? prompts = null)
    {
        var folder = ModelFolder.Open(Directory.Exists(_models.Folder["llama-gqa-lm"]) ? _models.Folder["llama-gqa-lm"] : _models.Language());
        model = new ActorCritic(folder.LoadLanguageModel(), layers, valueHeadSeed: 7);
        var encoder = folder.Encoder("raw");
        var sampler = new RolloutSampler(model, encoder, new SamplingSettings { MaxNewTokens = 9, EndIds = [2], PadId = 0 }, settings.TokenBudget);
        prompts ??= [.. Enumerable.Range(0, 10).Select(i => Conversation.FromPrompt(TinyModels.Words(i, 2 + i % 5))).Select(prompt => new PolicyPrompt(prompt, encoder.EncodePrompt(prompt)))];
        return new PpoTrainer(model, sampler, prompts, proxy ?? new WordReward("w10", factor: 3, offset: 1), settings);
    }

    /// <summary>METHOD 7's losses of all of an iteration's responses by torch's own operators on a padded batch.</summary>
    private static (Tensor Policy, Tensor Value) PlainLosses(ActorCritic model, PpoIteration iteration)
    {
        using var batch = TextBatch.Create([.. iteration.Rollouts.Select(rollout => rollout.Text)], padId: 0, ComputeDevice.Current);
        var hidden = model.Policy.Hidden(new TokenInput(batch.Ids, batch.Positions));
        hidden = hidden.view(-1, hidden.shape[2]).index_select(0, batch.PredictAt);
        var estimates = iteration.Rollouts.Zip(iteration.Scores, (r, s) => GeneralizedAdvantage.Of([.. Enumerable.Repeat(0.0, r.Length - 1), s], r.Values, 1, 0.95)).ToArray();
        var now = model.Policy.Logits(hidden).log_softmax(-1).gather(-1, batch.Targets.unsqueeze(-1)).squeeze(-1);
        var (old, oldValues, returns) = (Vector(iteration.Rollouts.Select(r => r.LogProbabilities)), Vector(iteration.Rollouts.Select(r => r.Values)), Vector(estimates.Select(e => e.Returns)));
        var advantages = Vector(estimates.Select(e => e.Advantages));
        advantages = (advantages - advantages.mean()) / (advantages.var() + 1e-8).sqrt();
        var ratio = (now - old).exp();
        var values = model.Values(hidden);
        var clipped = oldValues + (values - oldValues).clamp(-0.2, 0.2);
        return (maximum(-advantages * ratio, -advantages * ratio.clamp(0.8, 1.2)).mean(), 0.5 * maximum((values - returns).square(), (clipped - returns).square()).mean());
    }

    private static Tensor Vector(IEnumerable<double[]> rows) => tensor(rows.SelectMany(row => row).ToArray(), device: ComputeDevice.Current).to_type(ScalarType.Float32);

    /// <summary>Counts a word in the response.</summary>
    private sealed class WordReward(string word, double factor = 1, double offset = 0) : IRewardFunction
    {
        public string Name => "words";

        public double[] Score(IReadOnlyList<Completion> completions, CancellationToken cancellation = default) =>
            [.. completions.Select(completion => factor * completion.Response.Split(' ').Count(other => other == word) + offset)];
    }
}
