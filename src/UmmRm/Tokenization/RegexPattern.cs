using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace UmmRm.Tokenization;

/// <summary>
/// A simple regular expression over code points. .NET matches UTF-16 units, so each astral character is matched through a character of the basic
/// plane that has its general category. That is right as long as the pattern speaks of ASCII characters and categories only; anything else is
/// refused, as is what .NET and the reference's engine (Oniguruma) read differently.
/// </summary>
internal sealed partial class RegexPattern : TextPattern
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly Lazy<Dictionary<int, char>> StandIns = new(FindStandIns);

    private readonly Regex _regex;

    /// <exception cref="NotSupportedException">The pattern is not one of the simple ones.</exception>
    public RegexPattern(string pattern)
    {
        if (!SimplePattern().IsMatch(pattern))
        {
            throw new NotSupportedException(@"only ASCII characters, \p{..} and \P{..} with a general category, \s \S \d \D \r \n \t, escaped punctuation, classes without "
                + "nesting, groups ( (?: (?= (?! (?<= (?<! (?> and greedy or lazy quantifiers can be matched exactly");
        }
        try
        {
            _regex = new Regex(pattern, RegexOptions.CultureInvariant, Patience);
        }
        catch (ArgumentException e)
        {
            throw new NotSupportedException(e.Message, e);
        }
    }

    /// <exception cref="InvalidDataException">Matching takes too long: the pattern backtracks without end.</exception>
    public override void Find(ReadOnlySpan<char> text, List<TokenSpan> matches)
    {
        var basic = ToBasicPlane(text, out var positions);
        var clock = Stopwatch.StartNew();
        try
        {
            foreach (var match in _regex.EnumerateMatches(basic))
            {
                if (match.Length > 0)
                    matches.Add(new TokenSpan(positions[match.Index], positions[match.Index + match.Length]));
                if (clock.Elapsed > Patience)
                    throw new RegexMatchTimeoutException();
            }
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new InvalidDataException($"the tokenizer's pattern '{_regex}' takes more than {Patience.TotalSeconds} s on a text of {text.Length} characters; cut the text or use another tokenizer", e);
        }
    }

    /// <summary>One unit per code point, and where each (and the end) stands in the text.</summary>
    private static string ToBasicPlane(ReadOnlySpan<char> text, out List<int> positions)
    {
        positions = new List<int>(text.Length + 1);
        var basic = new StringBuilder(text.Length);
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            basic.Append(rune.IsBmp ? (char)rune.Value : StandIns.Value[(int)Rune.GetUnicodeCategory(rune)]);
            positions.Add(at);
            at += rune.Utf16SequenceLength;
        }
        positions.Add(at);
        return basic.ToString();
    }

    /// <summary>The last character of the basic plane of each category: far from ASCII, and no letter of it folds to ASCII.</summary>
    private static Dictionary<int, char> FindStandIns() =>
        Enumerable.Range(0x100, 0xFF00).GroupBy(c => (int)char.GetUnicodeCategory((char)c), c => (char)c).ToDictionary(group => group.Key, group => group.Last());

    private const string Escape = @"\\(?:[pP]\{[A-Z][a-z]?\}|[sSdDrnt!-/:-@\[-`{-~])";
    private const string Class = @"\[\^?(?:" + Escape + @"|(?!&&)[\x00-\x7F-[\[\]\\]])+\]";
    private const string Atom = Escape + "|" + Class + @"|\((?!\?)|\(\?(?:[:=!>]|<[=!])|[)|.]|[\x00-\x7F-[\\^$.|?*+()\[\]{}]]";
    private const string Quantifier = @"(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})\??(?![*+?{])";

    [GeneratedRegex(@"\A(?>(?:" + Atom + ")(?:" + Quantifier + @")?)*\z")]
    private static partial Regex SimplePattern();
}
