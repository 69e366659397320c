using System.Text;

namespace UmmRm.Tokenization;

/// <summary>
/// Reads tokenizer.model, a SentencePiece model of type BPE, and does what sentencepiece does: spaces become U+2581 and one goes before the text,
/// user-defined pieces are cut out first, nothing else in a text is special (&lt;s&gt; is three characters), unknown characters become bytes. BOS and EOS go
/// around a text where tokenizer_config.json has add_bos_token (LlamaTokenizer's default) or add_eos_token.
/// </summary>
internal static class SentencePieceModel
{
    private const char Mark = '\u2581';
    private const int LongestPiece = 512;

    private enum PieceType
    {
        Normal = 1,
        Unknown = 2,
        Control = 3,
        UserDefined = 4,
        Unused = 5,
        Byte = 6,
    }

    private readonly record struct ScoredPiece(string Text, float Score, PieceType Type);

    /// <summary>What the trainer and the normaliser of the model say, with protocol defaults.</summary>
    private sealed record Settings
    {
        public ulong ModelType { get; set; } = 1;

        public bool ByteFallback { get; set; }

        public bool TreatsWhiteSpaceAsSuffix { get; set; }

        public string UnknownSurface { get; set; } = " \u2047 ";

        public bool HasCharacterMap { get; set; }

        public bool AddsDummyPrefix { get; set; } = true;

        public bool RemovesExtraSpaces { get; set; } = true;

        public bool EscapesSpaces { get; set; } = true;
    }

    /// <exception cref="InvalidDataException">The file is damaged, or is a model that cannot be followed exactly.</exception>
    public static TokenizerParts Read(string file, byte[] bytes, JsonSection config)
    {
        List<ScoredPiece> pieces = [];
        var settings = new Settings();
        try
        {
            ReadMessage(bytes, pieces, settings);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{file} is not a SentencePiece model ({e.Message}); the file is damaged: fetch it again", e);
        }
        Check(file, pieces, settings);
        return Build(file, pieces, settings, config);
    }

    private static void ReadMessage(ReadOnlySpan<byte> bytes, List<ScoredPiece> pieces, Settings settings)
    {
        var reader = new ProtobufReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    pieces.Add(ReadPiece(reader.Bytes));
                    break;
                case 2:
                    ReadTrainer(reader.Bytes, settings);
                    break;
                case 3:
                    ReadNormalizer(reader.Bytes, settings);
                    break;
            }
        }
    }

    private static ScoredPiece ReadPiece(ReadOnlySpan<byte> bytes)
    {
        var piece = new ScoredPiece("", 0, PieceType.Normal);
        var reader = new ProtobufReader(bytes);
        while (reader.Next())
        {
            piece = reader.Field switch
            {
                1 => piece with { Text = Encoding.UTF8.GetString(reader.Bytes) },
                2 => piece with { Score = reader.Single },
                3 => piece with { Type = (PieceType)reader.Number },
                _ => piece,
            };
        }
        return piece;
    }

    private static void ReadTrainer(ReadOnlySpan<byte> bytes, Settings settings)
    {
        var reader = new ProtobufReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 3:
                    settings.ModelType = reader.Number;
                    break;
                case 24:
                    settings.TreatsWhiteSpaceAsSuffix = reader.Number != 0;
                    break;
                case 35:
                    settings.ByteFallback = reader.Number != 0;
                    break;
                case 44:
                    settings.UnknownSurface = Encoding.UTF8.GetString(reader.Bytes);
                    break;
            }
        }
    }

    private static void ReadNormalizer(ReadOnlySpan<byte> bytes, Settings settings)
    {
        var reader = new ProtobufReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 2:
                    settings.HasCharacterMap = !reader.Bytes.IsEmpty;
                    break;
                case 3:
                    settings.AddsDummyPrefix = reader.Number != 0;
                    break;
                case 4:
                    settings.RemovesExtraSpaces = reader.Number != 0;
                    break;
                case 5:
                    settings.EscapesSpaces = reader.Number != 0;
                    break;
            }
        }
    }

    private static void Check(string file, List<ScoredPiece> pieces, Settings settings)
    {
        if (pieces.Count == 0)
            throw new InvalidDataException($"{file} holds no pieces; it is not a SentencePiece model, or is damaged: fetch it again");
        Require(settings.ModelType == 2, $"model_type is {settings.ModelType}", "2 (BPE)");
        Require(!settings.HasCharacterMap, "precompiled_charsmap is not empty", "the normalisation rule identity");
        Require(!settings.RemovesExtraSpaces, "remove_extra_whitespaces is true", "false");
        Require(settings.EscapesSpaces, "escape_whitespaces is false", "true");
        Require(!settings.TreatsWhiteSpaceAsSuffix, "treat_whitespace_as_suffix is true", "false");
        var unused = pieces.FindIndex(piece => !Enum.IsDefined(piece.Type) || piece.Type == PieceType.Unused);
        Require(unused < 0, $"piece {unused} is of type {(unused < 0 ? 0 : pieces[unused].Type)}", "normal, unknown, control, user-defined or byte pieces");
        Require(pieces.Count(piece => piece.Type == PieceType.Unknown) == 1, "there is not exactly one unknown piece", "one");

        void Require(bool holds, string found, string expected)
        {
            if (!holds)
                throw new InvalidDataException($"{file}: {found}, which is not supported; expected: {expected}. A tokenizer.json beside it is read first");
        }
    }

    private static TokenizerParts Build(string file, List<ScoredPiece> pieces, Settings settings, JsonSection config)
    {
        var vocabulary = new Vocabulary(pieces.Count);
        for (var id = 0; id < pieces.Count; id++)
        {
            if (!vocabulary.TryAdd(pieces[id].Text, id))
                throw new InvalidDataException($"{file}: piece {id} is '{pieces[id].Text}', as is piece {vocabulary.IdOf(pieces[id].Text)}; every piece must be there once");
        }
        var unknown = pieces.Find(piece => piece.Type == PieceType.Unknown).Text;
        var merges = ReadMerges(file, pieces, vocabulary, out var marksBeginWords);
        var added = pieces.Select((piece, id) => (piece, id)).Where(entry => entry.piece.Type == PieceType.UserDefined)
            .Select(entry => new AddedToken(entry.id, entry.piece.Text, Special: false, Normalized: true)).ToList();
        var options = new BytePairOptions(ByteLevel: false, ByteFallback: settings.ByteFallback, UnknownToken: unknown, FusesUnknown: true);
        TextNormalizer spaces = new ReplaceNormalizer(new LiteralPattern(" "), Mark.ToString());
        return new TokenizerParts
        {
            Model = new BytePairEncoding(vocabulary, merges, options, marksBeginWords),
            AddedTokens = added,
            AddedTokensAreNormalized = true,
            Normalizer = settings.AddsDummyPrefix ? new NormalizerSequence([new PrependNormalizer(Mark.ToString()), spaces]) : spaces,
            Decoder = new SentencePieceDecoder(unknown, settings.UnknownSurface, settings.AddsDummyPrefix, pieces.Where(piece => piece.Type == PieceType.Control).Select(piece => piece.Text)),
            PrefixIds = VocabularyFiles.TemplateIds(config, "add_bos_token", "bos_token", vocabulary, added, otherwise: config["tokenizer_class"].Text("") is "LlamaTokenizer" or "LlamaTokenizerFast"),
            SuffixIds = VocabularyFiles.TemplateIds(config, "add_eos_token", "eos_token", vocabulary, added),
        };
    }

    /// <summary>
    /// sentencepiece joins the two neighbours whose join is the piece of the highest score, the leftmost of equals: every split of a piece into two
    /// pieces is a merge, and pieces of equal score share a rank.
    /// </summary>
    private static MergeTable ReadMerges(string file, List<ScoredPiece> pieces, Vocabulary vocabulary, out bool marksBeginWords)
    {
        var normal = pieces.Where(piece => piece.Type == PieceType.Normal).OrderByDescending(piece => piece.Score).ToList();
        if (normal.Find(piece => piece.Text.Length is 0 or > LongestPiece) is { Text: { } odd })
            throw new InvalidDataException($"{file}: a piece has {odd.Length} characters; expected 1 to {LongestPiece}");
        var merges = new MergeTable(normal.Sum(piece => piece.Text.Length - 1));
        marksBeginWords = true;
        var rank = -1;
        for (var i = 0; i < normal.Count; i++)
        {
            var text = normal[i].Text;
            if (i == 0 || normal[i].Score != normal[i - 1].Score)
                rank = i;
            RequireCharacters(file, text, Normal);
            for (var split = 1; split < text.Length; split++)
            {
                if (Normal(text.AsSpan(0, split)) is not { } left || Normal(text.AsSpan(split)) is not { } right)
                    continue;
                merges.Set(left, right, rank, vocabulary.IdOf(text)!.Value);
                marksBeginWords &= text[split] != Mark || text[split - 1] == Mark;
            }
        }
        return merges;

        int? Normal(ReadOnlySpan<char> text) => vocabulary.IdOf(text) is { } id && pieces[id].Type == PieceType.Normal ? id : null;
    }

    private delegate int? PieceFinder(ReadOnlySpan<char> text);

    /// <summary>A piece with a character that is no piece itself could be reached by sentencepiece, which merges unknown characters too.</summary>
    private static void RequireCharacters(string file, string text, PieceFinder find)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (find(rune.ToString()) is null)
                throw new InvalidDataException($"{file}: the piece '{text}' holds '{rune}', which is not a piece itself; such models are not supported. A tokenizer.json beside it is read first");
        }
    }
}
