using System.Text;
using System.Text.RegularExpressions;

namespace UmmRm.Tests.Tokenization;

/// <summary>
/// Byte-level BPE training written down plainly: every pair is counted anew before every merge. Tokens are strings of
/// Latin-1 characters, one a byte, so special tokens must be ASCII.
/// </summary>
internal sealed partial class PlainBpe
{
    private readonly List<string> _tokens;
    private readonly List<(int[] Tokens, long Count)> _words;

    private PlainBpe(IEnumerable<string> lines, IEnumerable<string> special)
    {
        var bytes = Enumerable.Range(0, 256).OrderBy(value => VisibleRank((char)value)).Select(value => ((char)value).ToString());
        _tokens = [.. special, .. bytes];
        _words = [.. lines.SelectMany(line => Word().Matches(line)).GroupBy(word => word.Value).Select(word => (Tokens(word.Key), (long)word.Count()))];
    }

    public List<(int Left, int Right, long Count, int Tied)> Merges { get; } = [];

    public int VocabularySize => _tokens.Count;

    public static PlainBpe Train(IEnumerable<string> lines, int vocabularySize, int minFrequency, params string[] special)
    {
        var training = new PlainBpe(lines, special);
        while (training._tokens.Count < vocabularySize && training.MergeBest(minFrequency))
        {
        }
        return training;
    }

    private bool MergeBest(int minFrequency)
    {
        var counts = new Dictionary<(int Left, int Right), long>();
        foreach (var (tokens, count) in _words)
        {
            for (var i = 0; i + 1 < tokens.Length; i++)
                counts[(tokens[i], tokens[i + 1])] = counts.GetValueOrDefault((tokens[i], tokens[i + 1])) + count;
        }
        if (counts.Count == 0 || counts.Values.Max() is var highest && highest < minFrequency)
            return false;
        var tied = counts.Where(pair => pair.Value == highest).Select(pair => pair.Key).Order().ToList();
        var (left, right) = tied[0];
        Merges.Add((left, right, highest, tied.Count));
        var merged = _tokens.IndexOf(_tokens[left] + _tokens[right]);
        if (merged < 0)
        {
            merged = _tokens.Count;
            _tokens.Add(_tokens[left] + _tokens[right]);
        }
        for (var i = 0; i < _words.Count; i++)
            _words[i] = (Merged(_words[i].Tokens, left, right, merged), _words[i].Count);
        return true;
    }

    private static int[] Merged(int[] tokens, int left, int right, int merged)
    {
        var result = new List<int>();
        for (var i = 0; i < tokens.Length; i++)
        {
            var here = tokens[i] == left && i + 1 < tokens.Length && tokens[i + 1] == right;
            result.Add(here ? merged : tokens[i]);
            i += here ? 1 : 0;
        }
        return [.. result];
    }

    private int[] Tokens(string word) => [.. Encoding.UTF8.GetBytes(word).Select(value => _tokens.IndexOf(((char)value).ToString()))];

    /// <summary>Bytes that GPT-2's alphabet shows as themselves come first, then the others in order.</summary>
    private static int VisibleRank(char value) => value is (> ' ' and < '\u007f') or (> '\u00a0' and not '\u00ad') ? value : value + 256;

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")]
    private static partial Regex Word();
}
