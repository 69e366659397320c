using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace UmmRm.Tokenization;

/// <summary>How a byte-pair encoding deals with what its vocabulary lacks.</summary>
/// <param name="ByteLevel">Symbols are the bytes of the text, spelled in GPT-2's alphabet; else its characters.</param>
/// <param name="IgnoreMerges">A whole word that is in the vocabulary is one token, reachable by merges or not.</param>
/// <param name="ByteFallback">A character that is not in the vocabulary becomes its bytes, tokens such as &lt;0x0A&gt;.</param>
/// <param name="UnknownToken">What a character becomes that is still not found; null: nothing.</param>
/// <param name="FusesUnknown">Unknown characters in a row are one unknown token.</param>
internal sealed record BytePairOptions(bool ByteLevel, bool IgnoreMerges = false, bool ByteFallback = false, string? UnknownToken = null, bool FusesUnknown = false);

/// <summary>Byte-pair encoding (Sennrich et al. 2016): symbols merge in the order in which training found the pairs.</summary>
internal sealed class BytePairEncoding : TokenModel
{
    private const char Mark = '\u2581'; // SentencePiece's visible space
    private const int Missing = -1;

    private readonly MergeTable _merges;
    private readonly BytePairOptions _options;
    private readonly int[] _byteIds = new int[256];
    private readonly Dictionary<int, int> _characterIds = [];
    private readonly bool _hasAllBytes;
    private readonly int _unknownId = Missing;
    private readonly bool _cutsAtMarks;
    private readonly WordCache _cache = new();

    /// <param name="vocabulary">The tokens.</param>
    /// <param name="merges">Pairs of ids, with their products.</param>
    /// <param name="options">What to do with characters that are no tokens.</param>
    /// <param name="marksBeginWords">Whether no merge joins something that ends otherwise with something that begins with U+2581: then a text may be cut before such marks.</param>
    /// <exception cref="ArgumentException">The unknown token is not in the vocabulary.</exception>
    public BytePairEncoding(Vocabulary vocabulary, MergeTable merges, BytePairOptions options, bool marksBeginWords) : base(vocabulary)
    {
        (_merges, _options) = (merges, options);
        for (var value = 0; value < 256; value++)
            _byteIds[value] = vocabulary.IdOf(_options.ByteLevel ? ByteAlphabet.CharacterOf((byte)value).ToString() : $"<0x{value:X2}>") ?? Missing;
        _hasAllBytes = !_byteIds.Contains(Missing);
        if (_options.UnknownToken is { } unknown)
            _unknownId = vocabulary.IdOf(unknown) ?? throw new ArgumentException($"the unknown token '{unknown}' is not in the vocabulary");
        if (_options.ByteLevel)
            return;
        foreach (var (token, id) in vocabulary.Entries)
        {
            if (Rune.DecodeFromUtf16(token, out var rune, out var units) == OperationStatus.Done && units == token.Length)
                _characterIds[rune.Value] = id;
        }
        _cutsAtMarks = marksBeginWords && !_options.IgnoreMerges && _characterIds.ContainsKey(Mark);
    }

    public override void Encode(ReadOnlySpan<char> word, List<int> ids)
    {
        for (var rest = word; !rest.IsEmpty;)
        {
            var part = rest[..PartLength(rest)];
            if (!_cache.TryAppend(part, ids))
            {
                var start = ids.Count;
                EncodePart(part, ids, null);
                _cache.Keep(part, CollectionsMarshal.AsSpan(ids)[start..]);
            }
            rest = rest[part.Length..];
        }
    }

    public override void Encode(ReadOnlySpan<char> word, List<int> ids, List<int> widths) => EncodePart(word, ids, widths);

    /// <summary>How much of a text can be encoded apart from what follows: up to a mark that begins a word.</summary>
    private int PartLength(ReadOnlySpan<char> text)
    {
        if (!_cutsAtMarks)
            return text.Length;
        var start = text.IndexOfAnyExcept(Mark);
        var next = start < 0 ? -1 : text[start..].IndexOf(Mark);
        return next < 0 ? text.Length : start + next;
    }

    private void EncodePart(ReadOnlySpan<char> word, List<int> ids, List<int>? widths)
    {
        if (_options.IgnoreMerges && WholeWord(word) is { } whole)
        {
            ids.Add(whole);
            widths?.Add(Encoding.UTF8.GetByteCount(word));
            return;
        }
        var rented = ArrayPool<Symbol>.Shared.Rent(word.Length * 3);
        var count = _options.ByteLevel ? ReadBytes(word, rented) : ReadCharacters(word, rented);
        count = PairMerger.Merge(_merges, rented.AsSpan(0, count));
        foreach (ref readonly var symbol in rented.AsSpan(0, count))
        {
            ids.Add(symbol.Id);
            widths?.Add(symbol.Width);
        }
        ArrayPool<Symbol>.Shared.Return(rented);
    }

    private int? WholeWord(ReadOnlySpan<char> word)
    {
        if (!_options.ByteLevel)
            return Vocabulary.IdOf(word);
        var spelled = ArrayPool<char>.Shared.Rent(word.Length * 3);
        var id = Vocabulary.IdOf(spelled.AsSpan(0, ByteAlphabet.Spell(word, spelled)));
        ArrayPool<char>.Shared.Return(spelled);
        return id;
    }

    private int ReadBytes(ReadOnlySpan<char> word, Span<Symbol> symbols)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(word.Length * 3);
        var length = Encoding.UTF8.GetBytes(word, bytes);
        var row = new SymbolRow(symbols, this);
        foreach (var value in bytes.AsSpan(0, length))
        {
            if (_byteIds[value] != Missing)
                row.Add(_byteIds[value], 1);
            else
                row.AddUnknown(1);
        }
        ArrayPool<byte>.Shared.Return(bytes);
        return row.Finish();
    }

    private int ReadCharacters(ReadOnlySpan<char> word, Span<Symbol> symbols)
    {
        Span<byte> bytes = stackalloc byte[4];
        var row = new SymbolRow(symbols, this);
        foreach (var rune in word.EnumerateRunes())
        {
            if (_characterIds.TryGetValue(rune.Value, out var id))
                row.Add(id, rune.Utf8SequenceLength);
            else if (_options.ByteFallback && HasBytes(bytes[..rune.EncodeToUtf8(bytes)]))
                row.AddBytes(bytes[..rune.Utf8SequenceLength]);
            else
                row.AddUnknown(rune.Utf8SequenceLength);
        }
        return row.Finish();
    }

    private bool HasBytes(ReadOnlySpan<byte> bytes)
    {
        if (_hasAllBytes)
            return true;
        foreach (var value in bytes)
        {
            if (_byteIds[value] == Missing)
                return false;
        }
        return true;
    }

    /// <summary>The symbols of a word, with unknown characters fused as the reference does: an unknown one is held back until a known one follows.</summary>
    private ref struct SymbolRow(Span<Symbol> symbols, BytePairEncoding model)
    {
        private readonly Span<Symbol> _symbols = symbols;
        private int _count;
        private int _unknownWidth;

        public void Add(int id, int width)
        {
            FlushUnknown();
            Put(id, width);
        }

        public void AddBytes(scoped ReadOnlySpan<byte> bytes)
        {
            foreach (var value in bytes)
                Put(model._byteIds[value], 1);
        }

        public void AddUnknown(int width)
        {
            if (model._unknownId == Missing)
                return;
            if (!model._options.FusesUnknown)
                FlushUnknown();
            _unknownWidth += width;
        }

        public int Finish()
        {
            FlushUnknown();
            return _count;
        }

        private void FlushUnknown()
        {
            if (_unknownWidth > 0)
                Put(model._unknownId, _unknownWidth);
            _unknownWidth = 0;
        }

        private void Put(int id, int width) => _symbols[_count++] = new Symbol { Id = id, Width = width };
    }
}
