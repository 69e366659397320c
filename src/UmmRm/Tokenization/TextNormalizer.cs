using System.Globalization;
using System.Text;

namespace UmmRm.Tokenization;

/// <summary>Rewrites a text before it is cut into words. A piece that stays as it is comes back itself.</summary>
internal abstract class TextNormalizer
{
    public abstract Piece Normalize(Piece piece);
}

/// <summary>One after the other.</summary>
internal sealed class NormalizerSequence(IReadOnlyList<TextNormalizer> steps) : TextNormalizer
{
    public override Piece Normalize(Piece piece) => steps.Aggregate(piece, (text, step) => step.Normalize(text));
}

/// <summary>A Unicode normal form: NFC (compose), NFD, NFKC (both), NFKD (compatibility).</summary>
internal sealed class UnicodeFormNormalizer(bool compatibility, bool compose) : TextNormalizer
{
    public override Piece Normalize(Piece piece) => UnicodeNormalization.Normalize(piece, compatibility, compose);
}

/// <summary>Puts a string before every text that is not empty.</summary>
internal sealed class PrependNormalizer(string prefix) : TextNormalizer
{
    public override Piece Normalize(Piece piece)
    {
        if (piece.IsEmpty || prefix.Length == 0)
            return piece;
        var builder = new AlignedTextBuilder(piece);
        var insert = false;
        foreach (var rune in prefix.EnumerateRunes())
        {
            if (insert)
                builder.Insert(rune);
            else
                builder.Replace(rune);
            insert = true;
        }
        Rune.DecodeFromUtf16(piece.Span, out var first, out var units);
        builder.Insert(first);
        builder.KeepUntil(piece.End);
        return builder.Build();
    }
}

/// <summary>Puts a string in the place of each match of a pattern.</summary>
internal sealed class ReplaceNormalizer(TextPattern pattern, string content) : TextNormalizer
{
    public override Piece Normalize(Piece piece)
    {
        List<TokenSpan> matches = [];
        pattern.Find(piece.Span, matches);
        if (matches.Count == 0)
            return piece;
        var builder = new AlignedTextBuilder(piece);
        foreach (var (start, end) in matches)
        {
            builder.KeepUntil(piece.Start + start);
            builder.DropUntil(piece.Start + end);
            foreach (var rune in content.EnumerateRunes())
                builder.Insert(rune);
        }
        builder.KeepUntil(piece.End);
        return builder.Build();
    }
}

/// <summary>Lower case, character by character: a capital dotted I becomes two characters, a final sigma is not special.</summary>
internal sealed class LowercaseNormalizer : TextNormalizer
{
    public override Piece Normalize(Piece piece)
    {
        var builder = new AlignedTextBuilder(piece);
        foreach (var rune in piece.Span.EnumerateRunes())
        {
            builder.Replace(rune.Value == 0x130 ? new Rune('i') : Rune.ToLower(rune, CultureInfo.InvariantCulture));
            if (rune.Value == 0x130)
                builder.Insert(new Rune(0x307));
        }
        return builder.Build();
    }
}

/// <summary>Takes white space off the ends.</summary>
internal sealed class StripNormalizer(bool left, bool right) : TextNormalizer
{
    public override Piece Normalize(Piece piece)
    {
        var text = piece.Span;
        var start = left ? text.Length - text.TrimStart().Length : 0;
        var end = Math.Max(start, right ? text.TrimEnd().Length : text.Length);
        return piece with { Start = piece.Start + start, End = piece.Start + end };
    }
}
