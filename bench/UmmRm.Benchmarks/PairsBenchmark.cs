using System.IO.Compression;
using System.Text.Json;
using UmmRm.Data;
using UmmRm.Models;
using UmmRm.Runtime;
using UmmRm.Tokenization;
using UmmRm.Training;
using static TorchSharp.torch;

namespace UmmRm.Benchmarks;

/// <summary>Reward training on real pairs, from the plainest way to the fastest, a step of the ladder at a time.</summary>
internal static class PairsBenchmark
{
    private const int MostTokens = 512;
    private const int StepPairs = 32;
    private const int PadId = 0;
    private const int TokenBudget = 4096;

    private sealed record Rung(string Name, bool ByLength, bool SharePrefix, Precision Precision, bool Kernels, bool LastLayerInPart, bool WithoutPadding, MatmulRoute Route = MatmulRoute.Default, int Against = -1);

    private static readonly Rung[] Ladder =
    [
        new("two rows a pair, random batches, float32", false, false, Precision.Float32, false, false, false),
        new("+ batches of like length", true, false, Precision.Float32, false, false, false, Against: 0),
        new("+ a pair is one row", true, true, Precision.Float32, false, false, false, Against: 1),
        new("+ mixed precision", true, true, Precision.Mixed, false, false, false, Against: 2),
        new("+ C# kernels", true, true, Precision.Mixed, true, false, false, Against: 3),
        new("+ last layer only where the head reads", true, true, Precision.Mixed, true, true, false, Against: 4),
        new("+ without padding", true, true, Precision.Mixed, true, true, true, Against: 5),
        new("all of it in float32", true, true, Precision.Float32, true, true, true, Against: 2),
        new("all of it in float32 through oneDNN", true, true, Precision.Float32, true, true, true, MatmulRoute.OneDnn, Against: 7),
    ];

    public static void Run(Report report, string[] arguments)
    {
        set_num_threads(1);
        var only = arguments.SkipWhile(a => a != "--only").Skip(1).Select(int.Parse).FirstOrDefault(-1);
        var path = arguments.FirstOrDefault(argument => argument.EndsWith(".gz", StringComparison.Ordinal)) ?? Path.Combine("..", "shared", "data", "hh-rlhf", "harmless-base", "first-1500.jsonl.gz");
        var pairs = Pairs(path, out var dropped);
        var steps = BatchPlan.Epoch(pairs.Count, StepPairs, seed: 1, epoch: 0).Take(report.Rounds + 1).Select(step => step.Select(i => pairs[i]).ToList()).ToList();
        var speed = new MachineSpeed();
        var runs = Ladder.Select((rung, i) => only < 0 || i == only ? new RungRun(rung) : null).ToList();
        runs.ForEach(run => run?.Step(steps[report.Rounds])); // warm-up
        for (var round = 0; round < report.Rounds; round++)
        {
            foreach (var run in runs.OfType<RungRun>())
            {
                speed.Measure();
                run.Measure(steps[round], speed);
            }
        }
        report.Heading("Reward training on real pairs", "pairs");
        report.Line($"harmless-base, {pairs.Count} pairs ({dropped} with a side above {MostTokens} tokens are left out), a byte-pair vocabulary of 8,192 made of these texts: {pairs.Average(p => p.Chosen.Length + p.Rejected.Length):f0} tokens a pair in two rows, {pairs.Average(p => p.RowLength):f0} in one. Llama of width 256, 6 layers, 4 heads, feed-forward 768; {StepPairs} pairs a step, at most {TokenBudget} tokens a pass, clipping and AdamW included.");
        report.Line();
        speed.Print(report);
        report.Head("", "pairs/s", "computed tokens a pair", "computed tokens/s", "gain", "pairs/s at pk = 90");
        foreach (var run in runs.OfType<RungRun>())
            run.Print(report, run.Against < 0 ? null : runs[run.Against]);
    }

    private sealed class RungRun(Rung rung)
    {
        private readonly RewardModel _model = RandomModel.Fill(new RewardModel(RandomModel.Config(256, 6, 4, 768, 8192), rung.Precision));
        private readonly List<double> _pairsPerSecond = [];
        private readonly List<double> _normalized = [];
        private readonly List<double> _tokens = [];
        private AdamW? _optimizer;

        public int Against => rung.Against;

        private double PairsPerSecond => MachineSpeed.Median(_pairsPerSecond);

        public void Measure(List<EncodedPair> pairs, MachineSpeed speed)
        {
            long tokens = 0;
            var seconds = MachineSpeed.Time(() => tokens = Step(pairs));
            _tokens.Add((double)tokens / pairs.Count);
            _pairsPerSecond.Add(pairs.Count / seconds);
            _normalized.Add(pairs.Count / seconds * 90 / speed.Latest);
        }

        /// <summary>One update; returns the tokens that were computed, padding included.</summary>
        public long Step(List<EncodedPair> pairs)
        {
            using var route = MatmulRoutes.Use(rung.Route);
            var computed = 0L;
            Simd.Enabled = rung.Kernels;
            _optimizer ??= new AdamW(_model.named_parameters(), new AdamWSettings { LearningRate = 1e-4 });
            _optimizer.ZeroGradients();
            var portions = rung.ByLength ? BatchPlan.ByLength(pairs, pair => rung.SharePrefix ? pair.RowLength : 2 * Math.Max(pair.Chosen.Length, pair.Rejected.Length), TokenBudget) : pairs.Chunk(8);
            foreach (var portion in portions)
            {
                using var scope = NewDisposeScope();
                using var batch = PairBatch.Create(portion, PadId, rung.SharePrefix);
                var input = new TokenInput(batch.Ids, batch.Positions) { Gaps = batch.Gaps, Lengths = rung.WithoutPadding ? batch.Lengths : null };
                var scores = _model.Forward(input, batch.Ends, rung.LastLayerInPart ? null : new Watcher()).view(-1, 2);
                (new BradleyTerryLoss().PerPair(scores.select(1, 0), scores.select(1, 1)).sum() / pairs.Count).backward();
                computed += rung.WithoutPadding ? batch.Tokens : batch.Ids.numel();
            }
            _optimizer.Step(1);
            Simd.Enabled = true;
            return computed;
        }

        public void Print(Report report, RungRun? before) => report.Row(rung.Name, $"{PairsPerSecond:f1}", $"{_tokens.Average():f0}", $"{_tokens.Average() * PairsPerSecond:f0}",
            before is null ? "" : $"{PairsPerSecond / before.PairsPerSecond:f2} x", $"{MachineSpeed.Median(_normalized):f1}");
    }

    /// <summary>Where somebody watches the gates, all places of the last layer are computed.</summary>
    private sealed class Watcher : IGateObserver
    {
        public void Observe(int layer, Tensor logits, Tensor indices, Tensor probabilities)
        {
        }
    }

    private static List<EncodedPair> Pairs(string path, out int dropped)
    {
        var texts = Texts(path);
        var folder = Directory.CreateTempSubdirectory("ummrm-bench-").FullName;
        BpeTrainer.Train(BpeTrainer.Lines(texts.SelectMany(pair => new[] { pair.Chosen, pair.Rejected })), new BpeTrainerSettings { VocabularySize = 8192, PadToken = "<|pad|>", EndToken = "<|end|>" }).Write(folder);
        var tokenizer = Tokenizer.Load(folder);
        Directory.Delete(folder, recursive: true);
        int[] Ids(string text) => [.. tokenizer.Encode(text), tokenizer.EosId!.Value];
        var pairs = texts.Select((pair, i) => new EncodedPair(Ids(pair.Chosen), Ids(pair.Rejected), i)).ToList();
        dropped = pairs.RemoveAll(pair => Math.Max(pair.Chosen.Length, pair.Rejected.Length) > MostTokens);
        return pairs;
    }

    private static List<(string Chosen, string Rejected)> Texts(string path)
    {
        using var lines = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        var texts = new List<(string, string)>();
        while (lines.ReadLine() is { } line)
        {
            using var row = JsonDocument.Parse(line);
            texts.Add((row.RootElement.GetProperty("chosen").GetString()!, row.RootElement.GetProperty("rejected").GetString()!));
        }
        return texts;
    }
}
