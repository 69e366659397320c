using System.Buffers;

namespace UmmRm.Tokenization;

/// <summary>Cuts added tokens out of a text: leftmost first, and of those that begin at one place the longest.</summary>
internal sealed class AddedTokenFinder
{
    // A trie: from a node (its number; 0 is the root) and a character to the next node.
    private readonly Dictionary<(int Node, char Character), int> _edges = [];
    private readonly Dictionary<int, AddedToken> _tokensByNode = [];
    private readonly SearchValues<char> _firstCharacters;

    /// <param name="tokens">Each token with the text that it is found by; empty texts are never found, of equal ones the last counts.</param>
    public AddedTokenFinder(IEnumerable<(string Text, AddedToken Token)> tokens)
    {
        foreach (var (text, token) in tokens.Where(token => token.Text.Length > 0))
        {
            var node = 0;
            foreach (var character in text)
            {
                if (!_edges.TryGetValue((node, character), out var next))
                    _edges[(node, character)] = next = _edges.Count + 1;
                node = next;
            }
            _tokensByNode[node] = token;
        }
        _firstCharacters = SearchValues.Create([.. _edges.Keys.Where(edge => edge.Node == 0).Select(edge => edge.Character)]);
    }

    /// <summary>Appends what lies between the tokens, and the tokens, in order.</summary>
    public void Split(Piece piece, List<Piece> pieces)
    {
        var text = piece.Span;
        int done = 0, from = 0;
        while (from < text.Length && text[from..].IndexOfAny(_firstCharacters) is var step and >= 0)
        {
            var start = from + step;
            if (Longest(text, start, out var end) is not { } token)
            {
                from = start + 1;
                continue;
            }
            from = end;
            if (token.SingleWord && (EndsWithWord(text, start) || StartsWithWord(text, end)))
                continue;
            if (token.StripsLeft)
                start = Math.Max(done, text[..start].TrimEnd().Length);
            if (token.StripsRight)
                end = text.Length - text[end..].TrimStart().Length;
            if (done < start)
                pieces.Add(Cut(piece, done, start));
            pieces.Add(Cut(piece, start, end) with { Token = token.Id });
            done = end;
        }
        if (done < text.Length)
            pieces.Add(Cut(piece, done, text.Length));
    }

    private AddedToken? Longest(ReadOnlySpan<char> text, int start, out int end)
    {
        AddedToken? longest = null;
        end = start;
        var node = 0;
        for (var i = start; i < text.Length && _edges.TryGetValue((node, text[i]), out node); i++)
        {
            if (!_tokensByNode.TryGetValue(node, out var token))
                continue;
            longest = token;
            end = i + 1;
        }
        return longest;
    }

    private static bool EndsWithWord(ReadOnlySpan<char> text, int end) => end > 0 && (CharacterClass.Before(text, end, out _) & CharacterClass.Word) != 0;

    private static bool StartsWithWord(ReadOnlySpan<char> text, int start) => start < text.Length && (CharacterClass.At(text, start, out _) & CharacterClass.Word) != 0;

    private static Piece Cut(Piece piece, int start, int end) => piece with { Start = piece.Start + start, End = piece.Start + end };
}
