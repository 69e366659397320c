using UmmRm.Benchmarks;

var benchmarks = new Dictionary<string, Action<string[]>>
{
    ["checkpoint"] = arguments => CheckpointBenchmark.Run(arguments),
    ["bpe-trainer"] = BpeTrainerBenchmark.Run,
    ["tokenizer"] = arguments => TokenizerBenchmark.Run(arguments[0]),
};
if (args is [var name, ..] && benchmarks.TryGetValue(name, out var run))
{
    run(args[1..]);
    return 0;
}
Console.WriteLine($"usage: UmmRm.Benchmarks NAME [ARGUMENTS]; names: {string.Join(", ", benchmarks.Keys.Order())}");
return 2;
