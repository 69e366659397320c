using UmmRm.Runtime;

namespace UmmRm.Worlds;

/// <summary><c>sort 5 1 6</c>: three different digits, in ascending order.</summary>
internal sealed record SortInstruction(int First, int Second, int Third) : WorldInstruction
{
    public override string Family => "sort";

    public override string Prompt => $"sort {First} {Second} {Third}";

    private string[] Given => [$"{First}", $"{Second}", $"{Third}"];

    public static new SortInstruction Draw(SeededRandom random)
    {
        var digits = random.Sample([.. Enumerable.Range(0, 10)], 3);
        return new(digits[0], digits[1], digits[2]);
    }

    public static SortInstruction? Parse(string[] words) =>
        words is ["sort", var a, var b, var c] && WorldVocabulary.IsNumber(a, 0, 9, out var first)
        && WorldVocabulary.IsNumber(b, 0, 9, out var second) && WorldVocabulary.IsNumber(c, 0, 9, out var third)
        && first != second && first != third && second != third
            ? new(first, second, third)
            : null;

    internal override string[] RightCore(SeededRandom random) => [.. Given.Order(StringComparer.Ordinal)];

    /// <summary>Two times in three the digits as they were given, else in some order.</summary>
    internal override string[] WrongCore(SeededRandom random) => random.NextInt(3) < 2 ? Given : random.Sample(Given, 3);

    /// <summary>The square of the share of digits that are in their place; further words are garbage.</summary>
    internal override CoreVerdict Judge(ReadOnlySpan<string> core)
    {
        var inPlace = core.ToArray().Zip(Given.Order(StringComparer.Ordinal)).Count(pair => pair.First == pair.Second);
        return new(inPlace * inPlace / 9.0, Math.Max(0, core.Length - 3));
    }
}
