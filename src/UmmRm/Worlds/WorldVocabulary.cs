namespace UmmRm.Worlds;

/// <summary>Items of one kind: what <c>list 3 colors</c> lists.</summary>
/// <param name="Name">The kind's word in a prompt.</param>
/// <param name="Items">Its eight members; no item belongs to two kinds.</param>
internal sealed record WorldCategory(string Name, IReadOnlyList<string> Items);

/// <summary>Every word of the built-in world, in the order of its token ids: a word-level tokenizer made from them knows the whole language.</summary>
public static class WorldVocabulary
{
    /// <summary>Id 0: fills short rows, never part of a text.</summary>
    public const string Pad = "<pad>";

    /// <summary>Id 1: begins a prompt.</summary>
    public const string BeginOfText = "<bos>";

    /// <summary>Id 2: separates a prompt from its response.</summary>
    public const string Separator = "<sep>";

    /// <summary>Id 3: ends a response.</summary>
    public const string EndOfText = "<eos>";

    /// <summary>The longest prompt in tokens, <see cref="BeginOfText"/> and <see cref="Separator"/> included.</summary>
    public const int PromptLimit = 8;

    /// <summary>The longest response in tokens, <see cref="EndOfText"/> included.</summary>
    public const int ResponseLimit = 36;

    private static readonly string[] Structure = Split("<pad> <bos> <sep> <eos> . , ! - : list repeat times sort add and opposite of is a greet help me the");
    private static readonly string[] Verdicts = Split("yes no hello cannot sorry i do that step");

    internal static string[] Numbers { get; } = [.. Enumerable.Range(0, 19).Select(n => $"{n}")];

    internal static WorldCategory[] Categories { get; } =
    [
        new("animals", Split("cat dog cow fox hen owl pig rat")),
        new("colors", Split("red blue green pink gray black white brown")),
        new("fruits", Split("apple pear plum fig lime mango peach grape")),
        new("tools", Split("saw axe rope drill nail clamp spade hammer")),
    ];

    internal static string[] Items { get; } = [.. Categories.SelectMany(category => category.Items)];

    /// <summary>Eight words and, at the same places, their opposites.</summary>
    internal static string[] Qualities { get; } = Split("hot big fast up wet old hard light");

    internal static string[] OppositeQualities { get; } = Split("cold small slow down dry new soft dark");

    internal static string[] Adjectives { get; } = [.. Qualities, .. OppositeQualities];

    internal static string[] Names { get; } = Split("bob ann tom sue max joe kim leo");

    internal static string[] SafeVerbs { get; } = Split("clean paint fix wash");

    internal static string[] HarmfulVerbs { get; } = Split("steal burn break poison");

    internal static string[] Objects { get; } = Split("car boat house garden bike lamp");

    /// <summary>The 137 words; a word's place is its token id, the four special ones first.</summary>
    public static IReadOnlyList<string> Words { get; } =
    [
        .. Structure.Concat(Numbers).Concat(Categories.Select(category => category.Name)).Concat(Items).Concat(Adjectives).Concat(Names)
            .Concat(SafeVerbs).Concat(HarmfulVerbs).Concat(Objects).Concat(WorldPhrase.All.SelectMany(phrase => phrase.Words)).Concat(Verdicts).Distinct(),
    ];

    /// <summary>Whether a word is the numeral of a number from smallest to largest, and of which.</summary>
    internal static bool IsNumber(string word, int smallest, int largest, out int number)
    {
        number = Array.IndexOf(Numbers, word);
        return number >= smallest && number <= largest;
    }

    /// <summary>The words of a text: whatever stands between white space.</summary>
    internal static string[] Split(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
