using System.Diagnostics;
using UmmRm.Data;
using UmmRm.Generation;
using UmmRm.Models;
using UmmRm.Ppo;
using UmmRm.Rewards;
using UmmRm.Runtime;
using UmmRm.Tokenization;
using UmmRm.Training;
using static TorchSharp.torch;

namespace UmmRm.Benchmarks;

/// <summary>Whole PPO iterations: drawing, measuring, scoring by a reward model of the policy's size, updating; with the last two layers trained and with all.</summary>
internal static class PpoBenchmark
{
    /// <summary>What is trained, on what.</summary>
    private sealed record Setting(string Name, ModelConfig Config, Precision Precision, int Prompt, int New, int Epochs, int SampleBatch, int TokenBudget, int Iterations, MatmulRoute Route = MatmulRoute.Default);

    private static readonly Setting Large = new("d 256, 6 layers, vocabulary 8,192; 64 + 36 tokens, 4 epochs; mixed", RandomModel.Config(256, 6, 4, 768, 8192), Precision.Mixed, 64, 36, 4, 64, 1600, 1);
    private static readonly Setting Wide = Large with { Name = "the same; float32 through oneDNN", Precision = Precision.Float32, Route = MatmulRoute.OneDnn };
    private static readonly Setting Demo = new("the demo's: d 64, 2 layers, vocabulary 137; 8 + 36 tokens, 2 epochs; float32", RandomModel.Config(64, 2, 4, 128, 137), Precision.Float32, 8, 36, 2, 256, 8192, 80);

    public static void Run(Report report, string[] arguments)
    {
        set_num_threads(1);
        var speed = new MachineSpeed();
        report.Heading("PPO iterations", "ppo");
        var rows = new List<string[]>();
        foreach (var setting in arguments.Contains("--demo") ? [Demo] : arguments.Contains("--large") ? [Large] : arguments.Contains("--wide") ? [Wide] : (Setting[])[Large, Wide, Demo])
        {
            using var route = MatmulRoutes.Use(setting.Route);
            foreach (var layers in (int?[])[2, null])
            {
                using var trainer = Create(setting, layers);
                var times = new List<PpoTimes>();
                var total = new List<double>();
                using var iterations = trainer.Run().GetEnumerator();
                for (var round = 0; round <= report.Rounds; round++)
                {
                    speed.Measure();
                    var start = Stopwatch.GetTimestamp();
                    total.Add(MachineSpeed.Time(() => iterations.MoveNext()));
                    times.Add(iterations.Current.Times);
                    if (round > 0 && arguments.Contains("--marks"))
                        Console.Error.WriteLine(FormattableString.Invariant($"mark {start} {Stopwatch.GetTimestamp()} {times[^1].Sampling} {times[^1].Measuring} {times[^1].Scoring} {times[^1].Updating} {(layers is null ? "all" : "last two")}, {setting.Name}"));
                }
                string Share(Func<PpoTimes, double> part) => $"{MachineSpeed.Median([.. times.Skip(1).Select(part)]):f2}";
                var seconds = MachineSpeed.Median(total[1..]);
                rows.Add([setting.Name, layers is null ? "all" : "last two", Share(t => t.Sampling), Share(t => t.Measuring), Share(t => t.Scoring), Share(t => t.Updating), $"{seconds:f2}", $"{setting.Iterations * seconds * speed.Float32 / 90:f1}"]);
            }
        }
        speed.Print(report);
        report.Line("256 responses an iteration in minibatches of 32, all of the full length; random weights. The proxy is a reward model of the policy's architecture. Parts in seconds on the wall.");
        report.Line();
        report.Head("", "layers trained", "sampling", "measuring", "scoring", "updating", "an iteration", "at pk = 90, of the demo's 80");
        foreach (var row in rows)
            report.Row(row);
    }

    private static PpoTrainer Create(Setting setting, int? layers)
    {
        var config = setting.Config;
        var model = new ActorCritic(RandomModel.Fill(new CausalLM(config, setting.Precision)), layers, valueHeadSeed: 1);
        var words = Enumerable.Range(0, config.VocabSize).Select(i => $"w{i}").ToArray();
        var folder = Directory.CreateTempSubdirectory("ummrm-ppo-").FullName;
        WordLevelTokenizer.Create([.. words.Take(4)], words.Skip(4), bosToken: words[1], eosToken: words[3], padToken: words[0], unknownToken: words[0]).Save(folder);
        var encoder = new SequenceEncoder(Tokenizer.Load(folder), PromptTemplate.Resolve("raw", folder), endId: 3);
        Directory.Delete(folder, recursive: true);
        var reward = new ModelReward("proxy", RandomModel.Fill(new RewardModel(config, setting.Precision)), encoder, padId: 0, setting.TokenBudget);
        var sampling = new SamplingSettings { MaxNewTokens = setting.New, EndIds = [], PadId = 0, BatchSize = setting.SampleBatch };
        var random = new SeededRandom(1);
        var prompts = Enumerable.Range(0, 1024).Select(_ => string.Join(' ', Enumerable.Range(0, setting.Prompt).Select(_ => words[4 + random.NextInt(config.VocabSize - 4)])))
            .Select(Conversation.FromPrompt).Select(prompt => new PolicyPrompt(prompt, encoder.EncodePrompt(prompt))).ToList();
        var settings = new PpoSettings { MaxSteps = 1_000_000, Epochs = setting.Epochs, TokenBudget = setting.TokenBudget, PadId = 0, Optimizer = new AdamWSettings { LearningRate = 1e-5 } };
        return new PpoTrainer(model, new RolloutSampler(model, encoder, sampling, setting.TokenBudget), prompts, reward, settings);
    }
}
