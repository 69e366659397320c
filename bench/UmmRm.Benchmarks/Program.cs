using UmmRm.Benchmarks;

switch (args)
{
    case ["bpe-trainer", .. var rest]:
        BpeTrainerBenchmark.Run(rest);
        return 0;
    default:
        Console.WriteLine("usage: UmmRm.Benchmarks bpe-trainer [FILE]");
        return 2;
}
