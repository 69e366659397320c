using System.Text;

namespace UmmRm.Tokenization;

/// <summary>
/// Text to token ids and back, exactly as the reference library does it with the same files. Immutable and safe to use from many threads.
/// A lone surrogate in a text counts as U+FFFD, which keeps all positions. Truncation and padding that a tokenizer.json may ask for are never applied.
/// </summary>
public sealed class Tokenizer
{
    private readonly TokenizerParts _parts;
    private readonly TokenizerFiles _files;
    private readonly AddedTokenFinder _rawTokens;
    private readonly AddedTokenFinder _normalizedTokens;
    private readonly Dictionary<string, AddedToken> _addedByContent;
    private readonly Dictionary<int, AddedToken> _addedById;
    private readonly Dictionary<int, string> _decodedAdded;

    internal Tokenizer(TokenizerParts parts, TokenizerFiles files)
    {
        (_parts, _files) = (parts, files);
        var added = parts.AddedTokens.Where(token => token.Content.Length > 0).ToList();
        _rawTokens = new AddedTokenFinder(added.Where(token => !token.Normalized).Select(token => (token.Content, token)));
        _normalizedTokens = new AddedTokenFinder(added.Where(token => token.Normalized).Select(token => (TextOf(token), token)));
        _addedByContent = added.GroupBy(token => token.Content).ToDictionary(group => group.Key, group => group.Last());
        _addedById = added.GroupBy(token => token.Id).ToDictionary(group => group.Key, group => group.Last());
        _decodedAdded = _addedById.ToDictionary(pair => pair.Key, pair => TextOf(pair.Value));
        VocabularySize = Math.Max(parts.Model.Vocabulary.Size, added.Select(token => token.Id + 1).DefaultIfEmpty().Max());
        var named = files.NamedTokens;
        (BosId, EosId, PadId) = (IdOfNamed(named.Bos), IdOfNamed(named.Eos), IdOfNamed(named.Pad));
    }

    /// <summary>The highest id and one more, added tokens included; a model's embedding may have more rows.</summary>
    public int VocabularySize { get; }

    /// <summary>What the post-processor puts before a text (BOS), in order.</summary>
    public IReadOnlyList<int> PrefixIds => _parts.PrefixIds;

    /// <summary>What the post-processor puts after a text (EOS), in order.</summary>
    public IReadOnlyList<int> SuffixIds => _parts.SuffixIds;

    /// <summary>The token that begins a text, as tokenizer_config.json (else special_tokens_map.json) names it; null when none does.</summary>
    public int? BosId { get; }

    /// <summary>The token that ends a text, as tokenizer_config.json (else special_tokens_map.json) names it; null when none does.</summary>
    public int? EosId { get; }

    /// <summary>The token that fills up short rows, as tokenizer_config.json (else special_tokens_map.json) names it; null when none does.</summary>
    public int? PadId { get; }

    /// <summary>
    /// Loads a folder (tokenizer.json, else vocab.json with merges.txt, else tokenizer.model) or one of those files. tokenizer_config.json beside it
    /// names the BOS, EOS and padding tokens and, for the last two kinds, the rules.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is none of those files.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or asks for something that is not supported; the message names file, key and value.</exception>
    public static Tokenizer Load(string path)
    {
        var files = TokenizerFiles.Open(path);
        return new Tokenizer(files.Read(), files);
    }

    /// <summary>The ids of a text. Special tokens written in the text are recognised in any case.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="addSpecialTokens">Whether <see cref="PrefixIds"/> and <see cref="SuffixIds"/> go around it.</param>
    /// <exception cref="InvalidDataException">A word-level vocabulary without an unknown token lacks a word.</exception>
    public int[] Encode(string text, bool addSpecialTokens = true)
    {
        var ids = new List<int>(16 + (text.Length / 3));
        if (addSpecialTokens)
            ids.AddRange(PrefixIds);
        foreach (var word in Words(WellFormed(text)))
        {
            if (word.Token >= 0)
                ids.Add(word.Token);
            else
                _parts.Model.Encode(word.Span, ids);
        }
        if (addSpecialTokens)
            ids.AddRange(SuffixIds);
        return [.. ids];
    }

    /// <summary>As <see cref="Encode"/>, with the tokens and where they came from.</summary>
    public TokenizedText EncodeWithOffsets(string text, bool addSpecialTokens = true)
    {
        text = WellFormed(text);
        var record = new TokenRecord(text, _parts);
        if (addSpecialTokens)
            record.AddTemplate(PrefixIds, TokenOf);
        foreach (var word in Words(text))
            record.AddWord(word);
        if (addSpecialTokens)
            record.AddTemplate(SuffixIds, TokenOf);
        return record.Build();
    }

    /// <summary>The text of some ids. Ids that no token has are left out, as the reference does; nothing is tidied up.</summary>
    /// <param name="ids">Any ids.</param>
    /// <param name="skipSpecialTokens">Whether special tokens are left out.</param>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false)
    {
        var tokens = new List<string>(ids.Length);
        foreach (var id in ids)
        {
            if (skipSpecialTokens && IsSpecial(id))
                continue;
            if (_decodedAdded.TryGetValue(id, out var added) || (added = _parts.Model.Vocabulary.TokenOf(id)) is not null)
                tokens.Add(added);
        }
        return _parts.Decoder is { } decoder ? string.Concat(decoder.Decode(tokens)) : string.Join(' ', tokens);
    }

    /// <summary>The id of a token as the vocabulary spells it; null when there is none.</summary>
    public int? IdOf(string token) => _addedByContent.TryGetValue(token, out var added) ? added.Id : _parts.Model.Vocabulary.IdOf(token);

    /// <summary>The token of an id as the vocabulary spells it; null when there is none.</summary>
    public string? TokenOf(int id) => _addedById.TryGetValue(id, out var added) ? added.Content : _parts.Model.Vocabulary.TokenOf(id);

    /// <summary>Whether decoding may leave the token out.</summary>
    public bool IsSpecial(int id) => _addedById.TryGetValue(id, out var added) && added.Special;

    /// <summary>Writes the tokenizer's files, byte for byte as they were loaded or as training made them, each whole or not at all.</summary>
    public void Save(string folder) => _files.Save(folder);

    /// <summary>Cuts a text into added tokens and words.</summary>
    private List<Piece> Words(string text)
    {
        List<Piece> raw = [], words = new(16 + (text.Length / 4)), normalized = [];
        _rawTokens.Split(new Piece(new AlignedText(text), 0, text.Length), raw);
        foreach (var piece in raw)
        {
            normalized.Clear();
            if (piece.Token >= 0)
                words.Add(piece);
            else
                _normalizedTokens.Split(_parts.Normalizer?.Normalize(piece) ?? piece, normalized);
            foreach (var part in normalized)
            {
                if (part.Token >= 0 || _parts.PreTokenizer is null)
                    words.Add(part);
                else
                    _parts.PreTokenizer.Split(part, words);
            }
        }
        return words;
    }

    /// <summary>What an added token is found by and decoded to: its content, normalised where the token says so.</summary>
    private string TextOf(AddedToken token) => token.Normalized && !_parts.AddedTokensAreNormalized && _parts.Normalizer is { } normalizer
        ? normalizer.Normalize(new Piece(new AlignedText(token.Content), 0, token.Content.Length)).Span.ToString() : token.Content;

    private int? IdOfNamed(string? token) => token is null ? null : IdOf(token);

    private static string WellFormed(string text)
    {
        var at = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF');
        return at < 0 ? text : string.Create(text.Length, text, (target, source) =>
        {
            for (int i = 0, units; i < source.Length; i += units)
            {
                var valid = Rune.DecodeFromUtf16(source.AsSpan(i), out var rune, out units) == System.Buffers.OperationStatus.Done;
                _ = valid ? rune.EncodeToUtf16(target[i..]) : target[i] = '\uFFFD';
            }
        });
    }
}
