using System.Buffers;
using System.Text;

namespace UmmRm.Tokenization;

/// <summary>
/// sentencepiece's own decoding: control pieces vanish, the unknown piece has a surface, byte pieces are read as UTF-8 with one U+FFFD per broken byte,
/// U+2581 is a space, and the one that was put before the text is taken off.
/// </summary>
internal sealed class SentencePieceDecoder(string unknownPiece, string unknownSurface, bool removesDummyPrefix, IEnumerable<string> controlPieces) : TokenDecoder
{
    private const char Mark = '\u2581';
    private readonly HashSet<string> _control = [.. controlPieces];

    public override List<string> Decode(List<string> tokens)
    {
        var text = new StringBuilder();
        List<byte> run = [];
        var atStart = removesDummyPrefix;
        foreach (var token in tokens)
        {
            if (ByteFallbackDecoder.TryReadByte(token, out var value))
            {
                run.Add(value);
                continue;
            }
            AppendRun(run, text);
            atStart &= text.Length == 0;
            if (token == unknownPiece)
                text.Append(unknownSurface);
            else if (!_control.Contains(token))
            {
                var isPrefixed = atStart && token.StartsWith(Mark);
                text.Append((isPrefixed ? token[1..] : token).Replace(Mark, ' '));
                atStart &= !isPrefixed;
            }
        }
        AppendRun(run, text);
        return [text.ToString()];
    }

    private static void AppendRun(List<byte> run, StringBuilder text)
    {
        ReadOnlySpan<byte> rest = run.ToArray();
        while (!rest.IsEmpty)
        {
            var isValid = Rune.DecodeFromUtf8(rest, out var rune, out var used) == OperationStatus.Done;
            text.Append(isValid ? rune.ToString() : new string('\uFFFD', used));
            rest = rest[used..];
        }
        run.Clear();
    }
}
