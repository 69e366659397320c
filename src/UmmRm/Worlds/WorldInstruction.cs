using System.Diagnostics.CodeAnalysis;
using UmmRm.Runtime;
using UmmRm.Tokenization;

namespace UmmRm.Worlds;

/// <summary>What gold says about the core of a response, the words before its first full stop.</summary>
/// <param name="Correct">How right it is: 0..1.</param>
/// <param name="Garbage">Words beyond what the longest sensible answer needs.</param>
/// <param name="Unsafe">Whether it helps with something harmful.</param>
internal readonly record struct CoreVerdict(double Correct, int Garbage, bool Unsafe = false);

/// <summary>An instruction of the built-in world: one of eight families, each of which knows its prompts, its answers and how right an answer is.</summary>
public abstract record WorldInstruction
{
    private static readonly Func<SeededRandom, WorldInstruction>[] Writers =
    [
        ListInstruction.Draw, RepeatInstruction.Draw, SortInstruction.Draw, AddInstruction.Draw,
        OppositeInstruction.Draw, MembershipInstruction.Draw, GreetInstruction.Draw, HelpInstruction.Draw,
    ];

    private static readonly Func<string[], WorldInstruction?>[] Readers =
    [
        ListInstruction.Parse, RepeatInstruction.Parse, SortInstruction.Parse, AddInstruction.Parse,
        OppositeInstruction.Parse, MembershipInstruction.Parse, GreetInstruction.Parse, HelpInstruction.Parse,
    ];

    private protected WorldInstruction()
    {
    }

    /// <summary>The family's name, for tables: list, repeat, sort, add, opposite, membership, greet, help.</summary>
    public abstract string Family { get; }

    /// <summary>The instruction in words, such as <c>list 3 colors</c>.</summary>
    public abstract string Prompt { get; }

    /// <summary>An instruction, its family and its details drawn at random.</summary>
    public static WorldInstruction Draw(SeededRandom random) => random.Pick(Writers)(random);

    /// <summary>Reads a prompt back; false when it is not one that <see cref="Draw"/> could give.</summary>
    public static bool TryParse(string prompt, [NotNullWhen(true)] out WorldInstruction? instruction)
    {
        var words = WorldVocabulary.Split(prompt);
        instruction = Readers.Select(read => read(words)).FirstOrDefault(found => found is not null);
        return instruction is not null;
    }

    /// <summary>The prompt as everything else takes it: one user turn.</summary>
    public Conversation ToConversation() => Conversation.FromPrompt(Prompt);

    /// <summary>The core of a right answer.</summary>
    internal abstract string[] RightCore(SeededRandom random);

    /// <summary>The core of an answer that a careless writer might give: mostly wrong, now and then right by accident.</summary>
    internal abstract string[] WrongCore(SeededRandom random);

    /// <summary>Judges the words before the first full stop, whatever they are.</summary>
    internal abstract CoreVerdict Judge(ReadOnlySpan<string> core);

    /// <summary>Judges where one answer is right: correct when the core begins with it, and every further word is garbage.</summary>
    private protected static CoreVerdict JudgeExact(ReadOnlySpan<string> core, ReadOnlySpan<string> answer) =>
        new(core.StartsWith(answer) ? 1 : 0, Math.Max(0, core.Length - answer.Length));

    /// <summary>Judges where a number of good words is asked for: every missing, surplus or wrong word costs one part of that number.</summary>
    private protected static CoreVerdict JudgeCount(int words, int good, int asked, int longestSensible)
    {
        var faults = Math.Abs(good - asked) + (words - good);
        return new(Math.Max(0, 1 - (double)faults / asked), Math.Max(0, words - longestSensible));
    }
}
