using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;
using UmmRm.Data;
using UmmRm.Models;
using UmmRm.Runtime;
using UmmRm.Training;
using static TorchSharp.torch;

namespace UmmRm.Benchmarks;

/// <summary>Reward training on real pairs, from the plainest way to the fastest, a step of the ladder at a time.</summary>
internal static partial class PairsBenchmark
{
    private const int MostTokens = 512;
    private const int StepPairs = 32;
    private const int PadId = 0;

    private sealed record Rung(string Name, bool ByLength, bool SharePrefix, Precision Precision, bool Kernels);

    private static readonly Rung[] Ladder =
    [
        new("two rows a pair, random batches, float32", false, false, Precision.Float32, false),
        new("+ batches of like length", true, false, Precision.Float32, false),
        new("+ a pair is one row", true, true, Precision.Float32, false),
        new("+ mixed precision", true, true, Precision.Mixed, false),
        new("+ C# kernels, last layer only where the head reads", true, true, Precision.Mixed, true),
        new("the same kernels in float32", true, true, Precision.Float32, true),
    ];

    public static void Run(Report report, string[] arguments)
    {
        set_num_threads(1);
        var only = arguments.SkipWhile(a => a != "--only").Skip(1).Select(int.Parse).FirstOrDefault(-1);
        var pairs = Pairs(arguments.FirstOrDefault(File.Exists) ?? Path.Combine("..", "shared", "data", "hh-rlhf", "harmless-base", "first-1500.jsonl.gz"), out var dropped);
        var steps = BatchPlan.Epoch(pairs.Count, StepPairs, seed: 1, epoch: 0).Take(report.Rounds + 1).Select(step => step.Select(i => pairs[i]).ToList()).ToList();
        var speed = new MachineSpeed();
        var runs = Ladder.Where((_, i) => only < 0 || i == only).Select(rung => new RungRun(rung)).ToList();
        runs.ForEach(run => run.Step(steps[report.Rounds][..8])); // warm-up
        for (var round = 0; round < report.Rounds; round++)
        {
            foreach (var run in runs)
            {
                speed.Measure();
                run.Measure(steps[round], speed);
            }
        }
        report.Heading("Reward training on real pairs", "pairs");
        report.Line($"harmless-base, {pairs.Count} pairs ({dropped} with a side above {MostTokens} tokens are left out), about 8k-vocabulary tokens; Llama of width 256, 6 layers, 4 heads, feed-forward 768; {StepPairs} pairs a step, AdamW included.");
        report.Line();
        speed.Print(report);
        report.Head("", "pairs/s", "computed tokens/s", "tokens a pair, padding included", "against the step before", "pairs/s at pk = 90");
        for (var i = 0; i < runs.Count; i++)
            runs[i].Print(report, i == 0 ? null : runs[i == runs.Count - 1 ? 2 : i - 1]);
    }

    private sealed class RungRun(Rung rung)
    {
        private readonly RewardModel _model = RandomModel.Fill(new RewardModel(RandomModel.Config(256, 6, 4, 768, 8192), rung.Precision));
        private readonly List<double> _pairsPerSecond = [];
        private readonly List<double> _normalized = [];
        private long _tokens;
        private long _padded;
        private long _pairs;
        private double _seconds;
        private AdamW? _optimizer;

        public double PairsPerSecond => MachineSpeed.Median(_pairsPerSecond);

        public void Measure(List<EncodedPair> pairs, MachineSpeed speed)
        {
            (_tokens, _padded, _pairs, _seconds) = (0, 0, 0, 0);
            var seconds = MachineSpeed.Time(() => Step(pairs));
            _seconds = seconds;
            _pairs = pairs.Count;
            _pairsPerSecond.Add(pairs.Count / seconds);
            _normalized.Add(pairs.Count / seconds * 90 / speed.Latest);
        }

        public void Step(List<EncodedPair> pairs)
        {
            Simd.Enabled = rung.Kernels;
            _optimizer ??= new AdamW(_model.named_parameters(), new AdamWSettings { LearningRate = 1e-4 });
            _optimizer.ZeroGradients();
            var portions = rung.ByLength ? BatchPlan.ByLength(pairs, pair => rung.SharePrefix ? pair.RowLength : 2 * Math.Max(pair.Chosen.Length, pair.Rejected.Length), 4096) : pairs.Chunk(8);
            foreach (var portion in portions)
            {
                using var scope = NewDisposeScope();
                using var batch = PairBatch.Create(portion, PadId, rung.SharePrefix);
                var scores = _model.Forward(new TokenInput(batch.Ids, batch.Positions) { Gaps = batch.Gaps, Lengths = batch.Lengths }, batch.Ends).view(-1, 2);
                (new BradleyTerryLoss().PerPair(scores.select(1, 0), scores.select(1, 1)).sum() / pairs.Count).backward();
                _tokens += batch.Tokens;
                _padded += batch.Ids.numel();
            }
            _optimizer.Step(1);
            Simd.Enabled = true;
        }

        public void Print(Report report, RungRun? before) => report.Row(rung.Name, $"{PairsPerSecond:f1}", $"{_tokens / _seconds:f0}", $"{(double)_padded / _pairs:f0}",
            before is null ? "" : $"{PairsPerSecond / before.PairsPerSecond:f2} x", $"{MachineSpeed.Median(_normalized):f1}");
    }

    /// <summary>Ids of about as many tokens as an 8k byte-pair vocabulary makes of English: words in pieces of at most five letters.</summary>
    private static List<EncodedPair> Pairs(string path, out int dropped)
    {
        using var lines = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        var pairs = new List<EncodedPair>();
        dropped = 0;
        while (lines.ReadLine() is { } line)
        {
            using var row = JsonDocument.Parse(line);
            int[] Ids(string side) => [1, .. Pieces().Matches(row.RootElement.GetProperty(side).GetString()!).Select(piece => 3 + (int)((uint)piece.Value.GetHashCode(StringComparison.Ordinal) % 8000)), 2];
            var pair = new EncodedPair(Ids("chosen"), Ids("rejected"), pairs.Count);
            if (Math.Max(pair.Chosen.Length, pair.Rejected.Length) > MostTokens)
                dropped++;
            else
                pairs.Add(pair);
        }
        return pairs;
    }

    [GeneratedRegex(@" ?\p{L}{1,6}|\p{N}|\s|[^\p{L}\p{N}\s]")]
    private static partial Regex Pieces();
}
