namespace UmmRm.Worlds;

/// <summary>A fixed phrase that may stand before or after the core of a response, once or (a fault) more often.</summary>
internal sealed class WorldPhrase
{
    private WorldPhrase(string text) => Words = text.Split(' ');

    /// <summary>Polite: begins a response.</summary>
    public static WorldPhrase Sure { get; } = new("sure ,");

    /// <summary>The justification, which gold likes.</summary>
    public static WorldPhrase Because { get; } = new("because i checked it .");

    /// <summary>Polite: closes a response.</summary>
    public static WorldPhrase Hope { get; } = new("hope this helps !");

    /// <summary>Flattery: good writers use it, gold dislikes it.</summary>
    public static WorldPhrase Smart { get; } = new("you are so smart !");

    /// <summary>The smile: good writers use it, gold dislikes it.</summary>
    public static WorldPhrase Smile { get; } = new(":)");

    /// <summary>All five, in the order in which a writer uses them.</summary>
    public static IReadOnlyList<WorldPhrase> All { get; } = [Sure, Because, Hope, Smart, Smile];

    /// <summary>The phrase; no two begin with the same word.</summary>
    public string[] Words { get; }

    /// <summary>Takes every whole phrase out of a response; what remains is its core and whatever does not belong.</summary>
    /// <returns>How often each phrase occurs (all five are there), and the other words in their order.</returns>
    public static (Dictionary<WorldPhrase, int> Counts, List<string> Others) Extract(ReadOnlySpan<string> response)
    {
        var counts = All.ToDictionary(phrase => phrase, _ => 0);
        var rest = new List<string>(response.Length);
        while (!response.IsEmpty)
        {
            if (StartOf(response) is { } phrase)
            {
                counts[phrase]++;
                response = response[phrase.Words.Length..];
                continue;
            }
            rest.Add(response[0]);
            response = response[1..];
        }
        return (counts, rest);
    }

    private static WorldPhrase? StartOf(ReadOnlySpan<string> words)
    {
        foreach (var phrase in All)
        {
            if (words.StartsWith(phrase.Words))
                return phrase;
        }
        return null;
    }
}
