using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Evaluation;
using UmmRm.Recipes;
using UmmRm.Rewards;
using UmmRm.Weights;

namespace UmmRm.Tests.Recipes;

/// <summary>A run folder as a pipeline leaves it, its numbers made up: gold peaks at step 32 and falls, more with a higher seed.</summary>
internal static class SyntheticRun
{
    public const string Hostile = "<script>document.title='broken'</script> & \"quoted\"";
    public const string Warning = "3 of 32 evaluation prompts are in the training data too";
    public static readonly string[] Policies = ["ppo-dense", "ppo-umm-10", "ppo-umm-50"];

    private const string Yaml = """
        name: synthetic
        description: Numbers made up for tests.
        seed: 1
        stages:
          dense: { kind: reward, model: ./base, data: ./pairs.jsonl }
          up-10: { kind: upcycle, model: ./base, moe: { top_k: 6, shared_expert_weight: 0.1 } }
          moe-10: { kind: reward, model: up-10, data: ./pairs.jsonl }
          umm-10: { kind: merge, model: moe-10, data: ./pairs.jsonl }
          up-50: { kind: upcycle, model: ./base, moe: { top_k: 6, shared_expert_weight: 0.5 } }
          moe-50: { kind: reward, model: up-50, data: ./pairs.jsonl }
          umm-50: { kind: merge, model: moe-50, data: ./pairs.jsonl }
          accuracy: { kind: eval, models: [dense, umm-10, umm-50], against: dense, data: { validation: ./pairs.jsonl, shifted: ./other.jsonl } }
          ppo-dense: { kind: ppo, model: ./base, proxy: dense, gold: ./gold, prompts: ./prompts.jsonl, eval_prompts: ./prompts.jsonl }
          ppo-umm-10: { kind: ppo, model: ./base, proxy: umm-10, gold: ./gold, prompts: ./prompts.jsonl, eval_prompts: ./prompts.jsonl }
          ppo-umm-50: { kind: ppo, model: ./base, proxy: umm-50, gold: ./gold, prompts: ./prompts.jsonl, eval_prompts: ./prompts.jsonl }
          verdict: { kind: verdict, curves: ["ppo-dense:curve", "ppo-umm-10:curve", "ppo-umm-50:curve"], against: "ppo-dense:curve" }
          bon: { kind: bon, model: ./base, rewards: [dense, umm-50], gold: ./gold, prompts: ./prompts.jsonl, samples: 4 }
          sensitivity: { kind: sensitivity, rewards: [dense, umm-50], data: ./pairs.jsonl, mixtures: [moe-50] }
          transfer: { kind: transfer, samples: ["ppo-dense:samples", "ppo-umm-10:samples", "ppo-umm-50:samples"], rewards: [dense, umm-10, umm-50] }
        """;

    /// <summary>Writes a finished run.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="seed">Its seed.</param>
    /// <param name="changes">Changes the recipe's text; numbers stay as they are.</param>
    public static string Write(string folder, long seed = 1, Func<string, string>? changes = null)
    {
        WriteHead(folder, RunStatus.Done, seed, (changes ?? (yaml => yaml))(Yaml));
        foreach (var (index, policy) in Policies.Index())
            WritePolicy(Path.Combine(folder, policy), index, seed);
        foreach (var (index, merge) in new[] { "umm-10", "umm-50" }.Index())
        {
            Directory.CreateDirectory(Path.Combine(folder, merge));
            new MergeRecord { Method = "learned", Start = [[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]], Coefficients = [[0.6 - (0.1 * index), 0.2, 0.2 + (0.1 * index)], [0.2, 0.1, 0.7]], LossBefore = 0.6, LossAfter = 0.58 }.Write(Path.Combine(folder, merge));
        }
        Directory.CreateDirectory(Path.Combine(folder, "transfer"));
        RunJson.Write(Path.Combine(folder, "transfer", TransferMatrix.FileName), new TransferMatrix(Policies, ["dense", "umm-10", "umm-50"], [[1.5, 1.2, 1.0], [0.9, 1.4, 1.1], [0.8, 1.0, -0.25]]));
        WriteMeasures(folder, seed);
        Directory.CreateDirectory(Path.Combine(folder, "accuracy"));
        var results = new[] { "dense", "umm-10", "umm-50" }.SelectMany((model, i) => new[] { "validation", "shifted" }.Select(set => new AccuracyResult(model, set, Accuracy(0.6 + (0.02 * i) + (0.001 * seed)))));
        File.WriteAllText(Path.Combine(folder, "accuracy", "results.json"), new JsonArray([.. results.Select(result => result.ToJson())]).ToJsonString());
        return folder;
    }

    /// <summary>Writes a run that is at its first policy.</summary>
    public static string WriteHalf(string folder)
    {
        WriteHead(folder, RunStatus.Running, 1, Yaml);
        WritePolicy(Path.Combine(folder, "ppo-dense.partial"), 0, 1);
        return folder;
    }

    /// <summary>Gold of a policy at an evaluation.</summary>
    public static double Gold(int policy, long step, long seed) => step == 0 ? 2 : step == 32 ? 3 : 1 + (0.1 * policy) + (0.5 * seed);

    /// <summary>Best-of-n, where the merged reward is better by a tenth of the seed at n = 4, and sensitivity, where it is smoother by a hundredth of it.</summary>
    private static void WriteMeasures(string folder, long seed)
    {
        BestOfNCurve Curve(string reward, double last) => new(reward, [Point(1, 0, 2), Point(2, 0.193, 2 + (last / 2)), Point(4, 0.636, 2 + last)]);
        BestOfNPoint Point(int n, double kl, double gold) => new(n, kl, gold, new(gold - 0.3, gold + 0.3), n / 4.0, 0.1 * seed, new(0, 0.2 * seed));
        Directory.CreateDirectory(Path.Combine(folder, "bon"));
        RunJson.Write(Path.Combine(folder, "bon", BonResult.FileName), new BonResult("./base", "./gold", 32, 4, 120, [Curve("dense", 1), Curve("umm-50", 1 + (0.1 * seed)), Curve("./gold", 3)]));
        RewardSensitivity Sensitivity(string reward, double mean) => new(reward, 1, [.. new Perturbation?[] { null, Perturbation.Drop }.Select(kind => new SensitivityMeasure(kind, 40, mean, new(mean - 0.02, mean + 0.02), 0, -0.01 * seed, new(-0.03, 0)))]);
        Directory.CreateDirectory(Path.Combine(folder, "sensitivity"));
        RunJson.Write(Path.Combine(folder, "sensitivity", SensitivityResult.FileName), new SensitivityResult(40, 80, [Sensitivity("dense", 0.2), Sensitivity("umm-50", 0.2 - (0.01 * seed))], [0.7, 0.71], [new MemberSpread("moe-50, single experts", ["a", "b"], 0.2, new(0.18, 0.22), [0.2, 0.21], [0.7, 0.72]), new MemberSpread("trained separately", ["c", "d"], 0.4, new(0.35, 0.45), [0.2, 0.21], [0.7, 0.72])]));
    }

    private static void WriteHead(string folder, RunStatus status, long seed, string yaml)
    {
        Directory.CreateDirectory(folder);
        var recipe = RecipeFile.Parse(yaml, "synthetic.yaml", [$"seed={seed}"]);
        File.WriteAllText(Path.Combine(folder, "recipe.resolved.yaml"), yaml.Replace("seed: 1", $"seed: {seed}", StringComparison.Ordinal));
        RunJson.Write(Path.Combine(folder, RunRecord.FileName), new RunRecord
        {
            Recipe = recipe.Name,
            Seed = seed,
            Status = status,
            Finished = status == RunStatus.Done ? DateTimeOffset.UtcNow : null,
            Stages = recipe.Stages.ToDictionary(stage => stage.Name, stage => new StageStatus { Kind = StageKind.Of(stage).Name, Status = status, Seconds = 10, PeakMemory = 300 << 20, Warnings = stage is PpoStage ? [Warning] : [] }),
        });
    }

    private static void WritePolicy(string folder, int policy, long seed)
    {
        Directory.CreateDirectory(Path.Combine(folder, "samples"));
        long[] steps = [0, 32, 64];
        File.WriteAllText(Path.Combine(folder, "curve.json"), new ProxyGoldCurve(new RewardNormalization(0, 1, 256), [.. steps.Select(step => Evaluation(policy, step, seed))]).ToJson());
        foreach (var step in steps)
        {
            var rows = Enumerable.Range(0, 6).Select(i => JsonSerializer.Serialize(new { prompt = $"prompt {i}", response = i == 0 ? Hostile : $"answer {i} at {step}", ended = i != 1, proxy = 0.1 * i, gold = Gold(policy, step, seed) - (step == 64 && i == 0 ? 2 : 0) }));
            File.WriteAllText(PolicySamples.FileOf(Path.Combine(folder, "samples"), step), string.Join('\n', rows) + "\n");
        }
    }

    private static PolicyEvaluation Evaluation(int policy, long step, long seed)
    {
        var gold = Gold(policy, step, seed);
        return new()
        {
            Iteration = step / 16,
            Step = step,
            Proxy = step / 40.0,
            ProxyZ = step / 32.0,
            Gold = gold,
            GoldHalves = [gold, gold],
            Kl = step / 16.0,
            KlK3 = step / 16.0,
            KlPerToken = 0,
            KlK3PerToken = 0,
            ResponseLength = 10,
            EosRate = 1,
            Repetition = 0,
            ReferenceLogProbability = -7,
        };
    }

    private static PairwiseAccuracy Accuracy(double value) => new()
    {
        Pairs = 500,
        Prompts = 500,
        Accuracy = value,
        Interval = Interval.Wilson(500 * value, 500),
        IntervalMethod = "wilson",
        Ties = 0,
        MeanMargin = 0.1,
        LengthBaseline = 0.5,
        LengthBaselineInterval = new(0.45, 0.55),
    };
}
