using UmmRm.Generation;
using UmmRm.Models;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Benchmarks;

/// <summary>Sampling with a key-value cache: a batch of prompts, each continued to the length limit.</summary>
internal static class SamplingBenchmark
{
    private const int Rows = 32;
    private const int Prompt = 64;
    private const int New = 192;

    public static void Run(Report report, string[] arguments)
    {
        set_num_threads(1);
        var random = new SeededRandom(1);
        var prompts = Enumerable.Range(0, Rows).Select(_ => Enumerable.Range(0, Prompt).Select(_ => 3 + random.NextInt(8000)).ToArray()).ToList();
        var speed = new MachineSpeed();
        report.Heading("Sampling", "sampling");
        var rows = new List<(string Name, Precision Precision, double Rate)>();
        foreach (var precision in arguments.Contains("--bf16") ? [Precision.BFloat16] : (Precision[])[Precision.Float32, Precision.Mixed, Precision.BFloat16])
        {
            var model = RandomModel.Fill(new CausalLM(RandomModel.Config(256, 6, 4, 768, 8192), precision));
            var sampler = new Sampler(model, new SamplingSettings { MaxNewTokens = New, EndIds = [], PadId = 0, BatchSize = Rows });
            var rates = new List<double>();
            for (var round = 0; round <= report.Rounds; round++)
            {
                speed.Measure();
                rates.Add(Rows * New / MachineSpeed.Time(() => sampler.Generate(prompts)));
            }
            rows.Add((precision.ToString(), precision, MachineSpeed.Median(rates[1..])));
        }
        speed.Print(report);
        report.Line($"Llama of width 256, 6 layers, 4 heads, feed-forward 768, vocabulary 8,192; {Rows} prompts of {Prompt} tokens together, {New} new tokens each, temperature 1; the prompts' pass is included.");
        report.Line();
        report.Head("", "new tokens/s", "new tokens/s at pk = 90");
        foreach (var (name, _, rate) in rows)
            report.Row(name, $"{rate:f0}", $"{rate * 90 / speed.Float32:f0}");
    }
}
