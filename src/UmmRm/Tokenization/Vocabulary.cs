namespace UmmRm.Tokenization;

/// <summary>Tokens and their ids, both ways.</summary>
internal sealed class Vocabulary
{
    /// <summary>Ids at or above this are refused: a damaged file could otherwise ask for any amount of memory.</summary>
    public const int IdLimit = 1 << 24;

    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _idsBySpan;
    private string?[] _tokens;

    public Vocabulary(int capacity)
    {
        _ids = new Dictionary<string, int>(capacity);
        _idsBySpan = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
        _tokens = new string?[capacity];
    }

    /// <summary>The highest id and one more.</summary>
    public int Size { get; private set; }

    /// <summary>Every token with its id, in the order they were added.</summary>
    public IEnumerable<KeyValuePair<string, int>> Entries => _ids;

    /// <summary>Adds a token; false when the id is out of range, or the token or the id is taken.</summary>
    public bool TryAdd(string token, int id)
    {
        if (id is < 0 or >= IdLimit || TokenOf(id) is not null || !_ids.TryAdd(token, id))
            return false;
        if (id >= _tokens.Length)
            Array.Resize(ref _tokens, Math.Max(id + 1, _tokens.Length * 2));
        _tokens[id] = token;
        Size = Math.Max(Size, id + 1);
        return true;
    }

    public int? IdOf(ReadOnlySpan<char> token) => _idsBySpan.TryGetValue(token, out var id) ? id : null;

    public string? TokenOf(int id) => id >= 0 && id < _tokens.Length ? _tokens[id] : null;
}
