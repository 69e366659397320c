using UmmRm.Runtime;

namespace UmmRm.Worlds;

/// <summary><c>is mango a fruits</c>: yes or no.</summary>
internal sealed record MembershipInstruction(string Item, WorldCategory Category) : WorldInstruction
{
    public override string Family => "membership";

    public override string Prompt => $"is {Item} a {Category.Name}";

    private string Answer => Category.Items.Contains(Item) ? "yes" : "no";

    /// <summary>Half the time the item's own kind, else any of the four.</summary>
    public static new MembershipInstruction Draw(SeededRandom random)
    {
        var own = random.Pick(WorldVocabulary.Categories);
        return new(random.Pick(own.Items), random.Chance(0.5) ? own : random.Pick(WorldVocabulary.Categories));
    }

    public static MembershipInstruction? Parse(string[] words) =>
        words is ["is", var item, "a", var name] && WorldVocabulary.Items.Contains(item)
        && Array.Find(WorldVocabulary.Categories, category => category.Name == name) is { } category
            ? new(item, category)
            : null;

    internal override string[] RightCore(SeededRandom random) => [Answer];

    internal override string[] WrongCore(SeededRandom random) => [Answer == "yes" ? "no" : "yes"];

    internal override CoreVerdict Judge(ReadOnlySpan<string> core) => JudgeExact(core, [Answer]);
}
