using System.CommandLine;

namespace UmmRm.Cli;

/// <summary>The options that every verb takes, before or after its name.</summary>
internal sealed class GlobalOptions
{
    /// <summary>--json</summary>
    public Option<bool> Json { get; } = OptionOf.Switch("--json", "results as one JSON document on stdout");

    /// <summary>--seed</summary>
    public Option<long?> Seed { get; } = OptionOf.Integer("--seed", "N", "where random numbers start; equal seeds give equal results (default: the recipe's, else 0)", 0, long.MaxValue);

    /// <summary>--threads</summary>
    public Option<int?> Threads { get; } = OptionOf.Integer("--threads", "N", "processor threads to use (default: every core)", 1, 4096);

    /// <summary>--device</summary>
    public Option<string> Device { get; } = OptionOf.Text("--device", "NAME", "where models compute: auto, cpu, cuda or cuda:N (default: auto, the first CUDA device where there is one)");

    /// <summary>--quiet</summary>
    public Option<bool> Quiet { get; } = OptionOf.Switch("--quiet", "no progress and no notes on stderr; warnings and errors stay");

    /// <summary>--verbose</summary>
    public Option<bool> Verbose { get; } = OptionOf.Switch("--verbose", "more on stderr: what was loaded from where, and the stack trace of a failure");

    /// <summary>--help</summary>
    public Option<bool> Help { get; } = OptionOf.Switch("--help", "this text", "-h", "-?");

    /// <summary>All of them, in the order in which help shows them.</summary>
    public IReadOnlyList<Option> All => [Json, Seed, Threads, Device, Quiet, Verbose, Help];
}
