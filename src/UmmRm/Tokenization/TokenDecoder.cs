using System.Globalization;
using System.Text;

namespace UmmRm.Tokenization;

/// <summary>Turns tokens back into text, a list of strings at a time; the text is what the last step leaves, joined.</summary>
internal abstract class TokenDecoder
{
    public abstract List<string> Decode(List<string> tokens);
}

/// <summary>One after the other.</summary>
internal sealed class DecoderSequence(IReadOnlyList<TokenDecoder> steps) : TokenDecoder
{
    public override List<string> Decode(List<string> tokens) => steps.Aggregate(tokens, (current, step) => step.Decode(current));
}

/// <summary>
/// Reads tokens as bytes in GPT-2's alphabet, a token with other characters as its own UTF-8, and joins all of them; each broken sequence
/// becomes one U+FFFD.
/// </summary>
internal sealed class ByteLevelDecoder : TokenDecoder
{
    public override List<string> Decode(List<string> tokens)
    {
        var bytes = new List<byte>(tokens.Count * 5);
        foreach (var token in tokens)
        {
            var start = bytes.Count;
            foreach (var character in token)
            {
                if (ByteAlphabet.ByteOf(character) is var value and >= 0)
                {
                    bytes.Add((byte)value);
                    continue;
                }
                bytes.RemoveRange(start, bytes.Count - start);
                bytes.AddRange(Encoding.UTF8.GetBytes(token));
                break;
            }
        }
        return [Encoding.UTF8.GetString([.. bytes])];
    }
}

/// <summary>Reads runs of tokens such as &lt;0x0A&gt; as UTF-8; a run that is not valid becomes one U+FFFD per byte.</summary>
internal sealed class ByteFallbackDecoder : TokenDecoder
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public override List<string> Decode(List<string> tokens)
    {
        List<string> decoded = new(tokens.Count);
        List<byte> run = [];
        foreach (var token in tokens)
        {
            if (TryReadByte(token, out var value))
            {
                run.Add(value);
                continue;
            }
            AddRun(run, decoded);
            decoded.Add(token);
        }
        AddRun(run, decoded);
        return decoded;
    }

    /// <summary>The byte that a token such as &lt;0x0A&gt; stands for.</summary>
    public static bool TryReadByte(string token, out byte value)
    {
        value = 0;
        return token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
            && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    private static void AddRun(List<byte> run, List<string> decoded)
    {
        if (run.Count == 0)
            return;
        try
        {
            decoded.Add(Strict.GetString([.. run]));
        }
        catch (DecoderFallbackException)
        {
            decoded.Add(new string('\uFFFD', run.Count));
        }
        run.Clear();
    }
}

/// <summary>Joins all tokens into one.</summary>
internal sealed class FuseDecoder : TokenDecoder
{
    public override List<string> Decode(List<string> tokens) => [string.Concat(tokens)];
}

/// <summary>Puts a string in the place of each match of a pattern, token by token.</summary>
internal sealed class ReplaceDecoder(TextPattern pattern, string content) : TokenDecoder
{
    public override List<string> Decode(List<string> tokens) => tokens.ConvertAll(token => pattern.Replace(token, content));
}

/// <summary>Takes at most so many of a character off the start and the end of each token.</summary>
internal sealed class StripDecoder(char character, int start, int stop) : TokenDecoder
{
    public override List<string> Decode(List<string> tokens) => tokens.ConvertAll(Strip);

    private string Strip(string token)
    {
        var from = 0;
        while (from < token.Length && from < start && token[from] == character)
            from++;
        var to = token.Length;
        while (to > from && token.Length - to < stop && token[to - 1] == character)
            to--;
        return token[from..to];
    }
}

/// <summary>Writes Metaspace's marks as spaces again; those of the first token vanish, unless no mark is ever put before a text.</summary>
internal sealed class MetaspaceDecoder(char mark, PrependScheme scheme) : TokenDecoder
{
    public override List<string> Decode(List<string> tokens) =>
        [.. tokens.Select((token, i) => i == 0 && scheme != PrependScheme.Never ? token.Replace(mark.ToString(), "", StringComparison.Ordinal) : token.Replace(mark, ' '))];
}
