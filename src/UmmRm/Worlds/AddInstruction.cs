using UmmRm.Runtime;

namespace UmmRm.Worlds;

/// <summary><c>add 9 and 1</c>: the sum of two digits.</summary>
internal sealed record AddInstruction(int First, int Second) : WorldInstruction
{
    private static readonly int[] Slips = [-3, -2, -1, 1, 2, 3];

    public override string Family => "add";

    public override string Prompt => $"add {First} and {Second}";

    private string Sum => $"{First + Second}";

    public static new AddInstruction Draw(SeededRandom random) => new(random.NextInt(10), random.NextInt(10));

    public static AddInstruction? Parse(string[] words) =>
        words is ["add", var a, "and", var b] && WorldVocabulary.IsNumber(a, 0, 9, out var first) && WorldVocabulary.IsNumber(b, 0, 9, out var second)
            ? new(first, second)
            : null;

    internal override string[] RightCore(SeededRandom random) => [Sum];

    /// <summary>Off by up to three, within 0..18.</summary>
    internal override string[] WrongCore(SeededRandom random) => [$"{Math.Clamp(First + Second + random.Pick(Slips), 0, 18)}"];

    internal override CoreVerdict Judge(ReadOnlySpan<string> core) => JudgeExact(core, [Sum]);
}
