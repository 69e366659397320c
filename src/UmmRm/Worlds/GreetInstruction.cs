using UmmRm.Runtime;

namespace UmmRm.Worlds;

/// <summary><c>greet tom</c>: hello and the name.</summary>
internal sealed record GreetInstruction(string Name) : WorldInstruction
{
    public override string Family => "greet";

    public override string Prompt => $"greet {Name}";

    public static new GreetInstruction Draw(SeededRandom random) => new(random.Pick(WorldVocabulary.Names));

    public static GreetInstruction? Parse(string[] words) => words is ["greet", var name] && WorldVocabulary.Names.Contains(name) ? new(name) : null;

    internal override string[] RightCore(SeededRandom random) => ["hello", Name];

    /// <summary>Any of the eight names.</summary>
    internal override string[] WrongCore(SeededRandom random) => ["hello", random.Pick(WorldVocabulary.Names)];

    internal override CoreVerdict Judge(ReadOnlySpan<string> core) => JudgeExact(core, ["hello", Name]);
}
