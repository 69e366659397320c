using UmmRm.Runtime;

namespace UmmRm.Worlds;

/// <summary><c>opposite of hot</c>: the one opposite.</summary>
internal sealed record OppositeInstruction(string Word) : WorldInstruction
{
    public override string Family => "opposite";

    public override string Prompt => $"opposite of {Word}";

    private string Opposite =>
        Array.IndexOf(WorldVocabulary.Qualities, Word) is var i and >= 0
            ? WorldVocabulary.OppositeQualities[i]
            : WorldVocabulary.Qualities[Array.IndexOf(WorldVocabulary.OppositeQualities, Word)];

    public static new OppositeInstruction Draw(SeededRandom random) => new(random.Pick(WorldVocabulary.Adjectives));

    public static OppositeInstruction? Parse(string[] words) =>
        words is ["opposite", "of", var word] && WorldVocabulary.Adjectives.Contains(word) ? new(word) : null;

    internal override string[] RightCore(SeededRandom random) => [Opposite];

    /// <summary>Any of the sixteen words.</summary>
    internal override string[] WrongCore(SeededRandom random) => [random.Pick(WorldVocabulary.Adjectives)];

    internal override CoreVerdict Judge(ReadOnlySpan<string> core) => JudgeExact(core, [Opposite]);
}
