using UmmRm.Models;
using UmmRm.Runtime;
using UmmRm.Training;
using static TorchSharp.torch;

namespace UmmRm.Benchmarks;

/// <summary>A whole language-model training step (forward, loss, backward, clipping, AdamW), and what a mixture costs above a dense model.</summary>
internal static class TrainingStepBenchmark
{
    private const int Rows = 4;
    private const int Tokens = 512;

    private sealed record Case(string Name, Precision Precision, MatmulRoute Route, int TopK);

    public static void Run(Report report, string[] arguments)
    {
        set_num_threads(1);
        Case[] cases =
        [
            new("float32", Precision.Float32, MatmulRoute.Default, 0),
            new("float32 through oneDNN", Precision.Float32, MatmulRoute.OneDnn, 0),
            new("mixed", Precision.Mixed, MatmulRoute.Default, 0),
        ];
        var speed = new MachineSpeed();
        if (arguments.Contains("--small"))
        {
            Small(report);
            return;
        }
        var chosen = arguments.SkipWhile(a => a != "--only").Skip(1).FirstOrDefault();
        cases = [.. cases.Where(c => chosen is null || c.Name == chosen)];
        report.Heading("A training step, width 512, 8 layers", "training-step");
        var dense = Measure(cases, speed, report.Rounds);
        speed.Print(report);
        report.Line($"Llama of width 512, 8 layers, 8 heads, feed-forward 1376, vocabulary 8,192; {Rows} x {Tokens} tokens; cross-entropy on every position, clipping, AdamW. GFLOP/s count 6 N T, N the parameters of products (attention's own products are not counted).");
        report.Line();
        report.Head("", "tokens/s", "GFLOP/s", "of pk", "of the bfloat16 product");
        foreach (var (which, (seconds, flops, _)) in cases.Zip(dense))
            report.Row(which.Name, $"{Rows * Tokens / seconds:f0}", $"{flops / seconds / 1e9:f0}", $"{flops / seconds / 1e9 / speed.Float32:f2}", $"{flops / seconds / 1e9 / speed.BFloat16:f2}");
        if (chosen is not null)
            return;
        Mixtures(report);
        Small(report);
    }

    /// <summary>A mixture's blocks against the dense block times 1 + k: forward and backward of the feed-forward blocks alone.</summary>
    private static void Mixtures(Report report)
    {
        report.Line();
        report.Line("Feed-forward blocks alone (forward, backward, gradients of all weights), 1 shared and 7 routed experts against the dense block times 1 + k:");
        report.Line();
        report.Head("", "dense ms", "k = 2", "k = 4", "k = 6");
        foreach (var precision in (Precision[])[Precision.Float32, Precision.Mixed])
        {
            var blocks = Enumerable.Range(0, 4).Select(i => new FeedForwardRun(2 * i, precision)).ToList();
            for (var round = 0; round <= report.Rounds; round++)
                blocks.ForEach(block => block.Step());
            var one = blocks[0].Seconds;
            report.Row([precision.ToString(), $"{one * 1e3:f1}", .. blocks.Skip(1).Select(block => $"{block.Seconds / one / (1 + block.TopK):f2}")]);
        }
    }

    /// <summary>What a callback into C# costs where tensors are small: the built-in world's kind of model.</summary>
    private static void Small(Report report)
    {
        report.Line();
        report.Line("A small model (width 64, 2 layers, 4 heads, feed-forward 192, vocabulary 512), 64 rows of 32 tokens, forward and backward, ms:");
        report.Line();
        report.Head("", "torch's operators", "C# kernels");
        foreach (var precision in (Precision[])[Precision.Float32, Precision.Mixed])
        {
            var runs = ((bool[])[false, true]).Select(kernels => new SmallRun(precision, kernels)).ToList();
            for (var round = 0; round < 60 * report.Rounds; round++)
                runs.ForEach(run => run.Step());
            report.Row([precision.ToString(), .. runs.Select(run => $"{run.Milliseconds:f1}")]);
        }
    }

    private static List<(double Seconds, double Flops, Case Case)> Measure(Case[] cases, MachineSpeed speed, int rounds)
    {
        var runs = cases.Select(c => new LanguageRun(c.Precision, c.Route)).ToList();
        for (var round = 0; round <= rounds; round++)
        {
            speed.Measure();
            runs.ForEach(run => run.Step());
        }
        return [.. runs.Zip(cases, (run, c) => (run.Seconds, run.Flops, c))];
    }

    private sealed class LanguageRun : IDisposable
    {
        private readonly CausalLM _model;
        private readonly MatmulRoute _route;
        private readonly AdamW _optimizer;
        private readonly Tensor _ids = randint(0, 8192, [Rows, Tokens], dtype: ScalarType.Int64);
        private readonly Tensor _positions = arange(Tokens, dtype: ScalarType.Int64).unsqueeze(0).expand(Rows, -1).contiguous();
        private readonly List<double> _seconds = [];

        public LanguageRun(Precision precision, MatmulRoute route)
        {
            var config = RandomModel.Config(512, 8, 8, 1376, 8192);
            _model = RandomModel.Fill(new CausalLM(config, precision));
            _route = route;
            _optimizer = new AdamW(_model.named_parameters(), new AdamWSettings { LearningRate = 1e-4 });
            Flops = 6.0 * RandomModel.ActiveParameters(_model, config) * Rows * Tokens;
        }

        public double Flops { get; }

        public void Dispose() => _optimizer.Dispose();

        public double Seconds => MachineSpeed.Median(_seconds[1..]);

        public void Step() => _seconds.Add(MachineSpeed.Time(() =>
        {
            using var scope = NewDisposeScope();
            using var way = MatmulRoutes.Use(_route);
            _optimizer.ZeroGradients();
            var hidden = _model.Hidden(new TokenInput(_ids, _positions)).view(Rows * Tokens, -1);
            CausalLMLoss.Backward(_model, hidden, _ids.view(-1).roll(-1), Rows * Tokens);
            _optimizer.Step(1);
        }));
    }

    private sealed class FeedForwardRun
    {
        private readonly FeedForward _block;
        private readonly Tensor _input;
        private readonly ForwardContext _context;
        private readonly List<double> _seconds = [];

        public FeedForwardRun(int topK, Precision precision)
        {
            var config = RandomModel.Config(512, 1, 8, 1376, 16, topK == 0 ? null : new MoeConfig { NumExperts = 8, TopK = topK });
            var model = RandomModel.Fill(new CausalLM(config, precision));
            _block = model.Decoder.Layers[0].FeedForward;
            _input = randn([Rows, Tokens, 512]).to_type(precision.ComputeType()).requires_grad_();
            _context = model.Decoder.Begin(new TokenInput(zeros([Rows, Tokens], dtype: ScalarType.Int64), zeros([Rows, Tokens], dtype: ScalarType.Int64)), precision);
            TopK = topK;
        }

        public int TopK { get; }

        public double Seconds => MachineSpeed.Median(_seconds[1..]);

        public void Step()
        {
            foreach (var parameter in _block.parameters())
                parameter.grad = null;
            _seconds.Add(MachineSpeed.Time(() =>
            {
                using var scope = NewDisposeScope();
                var output = _block.Forward(_input, 0, _context);
                output.backward([ones_like(output)]);
            }));
        }
    }

    private sealed class SmallRun(Precision precision, bool kernels)
    {
        private readonly RewardModel _model = RandomModel.Fill(new RewardModel(RandomModel.Config(64, 2, 4, 192, 512), precision));
        private readonly Tensor _ids = randint(0, 512, [64, 32], dtype: ScalarType.Int64);
        private readonly Tensor _positions = arange(32, dtype: ScalarType.Int64).unsqueeze(0).expand(64, -1).contiguous();
        private readonly Tensor _ends = full([64, 1], 31, dtype: ScalarType.Int64);
        private readonly List<double> _seconds = [];

        public double Milliseconds => MachineSpeed.Median(_seconds[(_seconds.Count / 2)..]) * 1e3; // the first half is .NET's warm-up

        public void Step()
        {
            Simd.Enabled = kernels;
            _seconds.Add(MachineSpeed.Time(() =>
            {
                using var scope = NewDisposeScope();
                _model.zero_grad();
                _model.Forward(new TokenInput(_ids, _positions), _ends).sum().backward();
            }));
            Simd.Enabled = true;
        }
    }
}
