using System.Globalization;
using UmmRm.Benchmarks;
using UmmRm.Runtime;

// Benchmarks that make a report print Markdown; --report FILE writes it there too. --rounds N repeats each measurement, --processor-time is for a machine that others use too.
var reports = new Dictionary<string, Action<Report, string[]>>
{
    ["training-step"] = TrainingStepBenchmark.Run,
    ["pairs"] = PairsBenchmark.Run,
    ["sampling"] = SamplingBenchmark.Run,
    ["ppo"] = PpoBenchmark.Run,
    ["serve"] = ServeBenchmark.Run,
};
var others = new Dictionary<string, Action<string[]>>
{
    ["bpe-trainer"] = BpeTrainerBenchmark.Run,
    ["checkpoint"] = arguments => CheckpointBenchmark.Run(arguments),
    ["tokenizer"] = arguments => TokenizerBenchmark.Run(arguments[0]),
};
if (args is [var other, ..] && others.TryGetValue(other, out var print))
{
    print(args[1..]);
    return 0;
}
if (args.Length == 0 || !reports.TryGetValue(args[0], out var run))
{
    Console.Error.WriteLine($"usage: UmmRm.Benchmarks NAME [--report FILE] [--rounds N] [--processor-time]    NAME: {string.Join(", ", reports.Keys.Concat(others.Keys))}");
    return 2;
}
var at = Array.IndexOf(args, "--report");
var rounds = Array.IndexOf(args, "--rounds");
MachineSpeed.ProcessorTime = args.Contains("--processor-time");
using var report = new Report(at < 0 ? null : args[at + 1], rounds < 0 ? 5 : int.Parse(args[rounds + 1], CultureInfo.InvariantCulture));
LibTorch.Load();
run(report, args[1..]);
return 0;
