using UmmRm.Runtime;

namespace UmmRm.Worlds;

/// <summary><c>repeat rope 4 times</c>: one word, that many times.</summary>
internal sealed record RepeatInstruction(string Word, int Count) : WorldInstruction
{
    private const int Fewest = 2, Most = 5, LongestSensible = 7;

    public override string Family => "repeat";

    public override string Prompt => $"repeat {Word} {Count} times";

    public static new RepeatInstruction Draw(SeededRandom random) =>
        new(random.Pick(WorldVocabulary.Items), Fewest + random.NextInt(Most - Fewest + 1));

    public static RepeatInstruction? Parse(string[] words) =>
        words is ["repeat", var word, var number, "times"] && WorldVocabulary.Items.Contains(word) && WorldVocabulary.IsNumber(number, Fewest, Most, out var count)
            ? new(word, count)
            : null;

    internal override string[] RightCore(SeededRandom random) => [.. Enumerable.Repeat(Word, Count)];

    /// <summary>The wrong number of times.</summary>
    internal override string[] WrongCore(SeededRandom random) =>
        [.. Enumerable.Repeat(Word, random.Pick([.. Enumerable.Range(1, LongestSensible).Where(n => n != Count)]))];

    internal override CoreVerdict Judge(ReadOnlySpan<string> core) =>
        JudgeCount(core.Length, core.Count(Word), Count, LongestSensible);
}
