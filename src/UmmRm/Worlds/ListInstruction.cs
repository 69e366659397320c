using UmmRm.Runtime;

namespace UmmRm.Worlds;

/// <summary><c>list 3 colors</c>: that many different members of a kind, in any order.</summary>
internal sealed record ListInstruction(int Count, WorldCategory Category) : WorldInstruction
{
    private const int Fewest = 2, Most = 4, LongestSensible = 6;

    public override string Family => "list";

    public override string Prompt => $"list {Count} {Category.Name}";

    public static new ListInstruction Draw(SeededRandom random) =>
        new(Fewest + random.NextInt(Most - Fewest + 1), random.Pick(WorldVocabulary.Categories));

    public static ListInstruction? Parse(string[] words) =>
        words is ["list", var number, var name] && WorldVocabulary.IsNumber(number, Fewest, Most, out var count)
        && Array.Find(WorldVocabulary.Categories, category => category.Name == name) is { } category
            ? new(count, category)
            : null;

    internal override string[] RightCore(SeededRandom random) => random.Sample(Category.Items, Count);

    /// <summary>Half the time the wrong number of them, else one from another kind among them.</summary>
    internal override string[] WrongCore(SeededRandom random)
    {
        if (random.Chance(0.5))
            return random.Sample(Category.Items, random.Pick([.. Enumerable.Range(1, LongestSensible).Where(n => n != Count)]));
        var core = RightCore(random);
        core[random.NextInt(Count)] = random.Pick(random.Pick([.. WorldVocabulary.Categories.Where(other => other != Category)]).Items);
        return core;
    }

    internal override CoreVerdict Judge(ReadOnlySpan<string> core) =>
        JudgeCount(core.Length, core.ToArray().Distinct().Count(Category.Items.Contains), Count, LongestSensible);
}
