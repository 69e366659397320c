using System.CommandLine;
using UmmRm.Cli;

namespace UmmRm.Tests.Cli;

/// <summary>A verb that does what a test wants.</summary>
internal sealed class FakeVerb : Verb
{
    private readonly Func<Invocation, FakeVerb, int> _run;

    public FakeVerb(string path, Func<Invocation, FakeVerb, int> run)
        : base(path, VerbGroup.Use, "does what a test wants", "Does what a test wants. It is there for tests.")
    {
        _run = run;
        Options.Add(Name_);
        Options.Add(Steps);
        Options.Add(Method);
    }

    public FakeVerb(string path, Func<Invocation, int> run)
        : this(path, (invocation, _) => run(invocation))
    {
    }

    public Option<string> Name_ { get; } = OptionOf.Text("--name", "NAME", "whom to greet", byDefault: "world");

    public Option<int?> Steps { get; } = OptionOf.Integer("--steps", "N", "how often", 1, 10);

    public Option<string> Method { get; } = OptionOf.Choice("--method", "how", "learned", "uniform");

    public override IReadOnlyList<Example> Examples => [new($"{Words} --steps 3", "three times")];

    public override int Run(Invocation invocation) => _run(invocation, this);
}
