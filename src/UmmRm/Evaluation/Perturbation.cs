using System.Text.RegularExpressions;
using UmmRm.Runtime;

namespace UmmRm.Evaluation;

/// <summary>A small change of a response, of which a reward should make little (METHOD 8).</summary>
public enum Perturbation
{
    /// <summary>A word is left out.</summary>
    Drop,

    /// <summary>A word is written twice.</summary>
    Double,

    /// <summary>Two neighbouring words change places.</summary>
    Swap,

    /// <summary>A punctuation mark (one of . , ; ! ?) is left out.</summary>
    Punctuation,
}

/// <summary>Makes small changes of texts. Words are what stands between white space, which stays as it is.</summary>
public static partial class Perturbations
{
    /// <summary>The text with one change at a random place; null where it has no place for it: fewer than two words, no two neighbours that differ, no punctuation mark.</summary>
    public static string? Of(Perturbation kind, string text, SeededRandom random)
    {
        var words = Word().Matches(text);
        if (kind == Perturbation.Punctuation)
            return Mark().Matches(text) is { Count: > 0 } marks ? Without(text, marks[random.NextInt(marks.Count)]) : null;
        if (words.Count < 2)
            return null;
        var word = words[random.NextInt(words.Count)];
        return kind switch
        {
            Perturbation.Drop => Without(text, word),
            Perturbation.Double => text.Insert(word.Index + word.Length, $" {word.Value}"),
            _ => Swapped(text, words, random),
        };
    }

    private static string? Swapped(string text, MatchCollection words, SeededRandom random)
    {
        var places = Enumerable.Range(0, words.Count - 1).Where(i => words[i].Value != words[i + 1].Value).ToList();
        if (places.Count == 0)
            return null;
        var place = places[random.NextInt(places.Count)];
        var (first, second) = (words[place], words[place + 1]);
        return text[..first.Index] + second.Value + text[(first.Index + first.Length)..second.Index] + first.Value + text[(second.Index + second.Length)..];
    }

    /// <summary>The text without a part, and with one white space where there were two.</summary>
    private static string Without(string text, Match part)
    {
        var (before, after) = (text[..part.Index], text[(part.Index + part.Length)..]);
        var doubled = after.Length > 0 && char.IsWhiteSpace(after[0]) && (before.Length == 0 || char.IsWhiteSpace(before[^1]));
        var shortened = before + (doubled ? after[1..] : after);
        return after.Length == 0 ? shortened.TrimEnd() : shortened;
    }

    [GeneratedRegex(@"\S+", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    [GeneratedRegex(@"[.,;!?]", RegexOptions.CultureInvariant)]
    private static partial Regex Mark();
}
