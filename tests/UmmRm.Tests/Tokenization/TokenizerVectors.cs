using System.IO.Compression;
using System.Text.Json;
using UmmRm.Tokenization;

namespace UmmRm.Tests.Tokenization;

/// <summary>Compares a tokenizer with every line of a folder's reference values.</summary>
internal static class TokenizerVectors
{
    /// <summary>The JSON rows of a gzipped file.</summary>
    public static IEnumerable<JsonElement> Read(params string[] path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(Path.Combine(path)), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
            yield return JsonElement.Parse(line);
    }

    /// <summary>Ids, tokens, offsets and decoding of vectors.jsonl.gz.</summary>
    public static void AssertEncoding(Tokenizer tokenizer, string folder)
    {
        var rows = 0;
        foreach (var row in Read(folder, "vectors.jsonl.gz"))
        {
            rows++;
            var name = row.GetProperty("case").GetString();
            var text = row.GetProperty("text").GetString()!;
            var ids = Ids(row.GetProperty("ids"));
            AssertSame(name, ids, tokenizer.Encode(text));
            AssertSame(name, Ids(row.GetProperty("ids_no_special")), tokenizer.Encode(text, addSpecialTokens: false));
            var record = tokenizer.EncodeWithOffsets(text);
            AssertSame(name, ids, record.Ids);
            if (row.TryGetProperty("tokens", out var tokens))
            {
                AssertSame(name, tokens.EnumerateArray().Select(token => token.GetString()!), record.Tokens);
                AssertSame(name, row.GetProperty("offsets").EnumerateArray().Select(span => new TokenSpan(span[0].GetInt32(), span[1].GetInt32())), record.Offsets);
            }
            AssertDecoding(tokenizer, name, row, ids);
        }
        Assert.True(rows > 800, $"only {rows} rows");
    }

    /// <summary>Decoding of decode.jsonl.gz.</summary>
    public static void AssertDecoding(Tokenizer tokenizer, string folder)
    {
        var rows = 0;
        foreach (var row in Read(folder, "decode.jsonl.gz"))
            AssertDecoding(tokenizer, $"decode row {rows++}", row, Ids(row.GetProperty("ids")));
        Assert.True(rows > 100, $"only {rows} rows");
    }

    /// <summary>sentencepiece's own ids, and what it decodes them to where the rows say so.</summary>
    public static void AssertSentencePiece(Tokenizer tokenizer, string folder)
    {
        var rows = 0;
        foreach (var row in Read(folder, "vectors.jsonl.gz"))
        {
            rows++;
            var name = row.GetProperty("case").GetString();
            var ids = Ids(row.GetProperty("spm_ids"));
            AssertSame(name, ids, tokenizer.Encode(row.GetProperty("text").GetString()!, addSpecialTokens: false));
            if (row.TryGetProperty("spm_pieces", out var pieces))
                AssertSame(name, pieces.EnumerateArray().Select(piece => piece.GetString()), ids.Select(tokenizer.TokenOf));
            if (row.TryGetProperty("spm_decoded", out var decoded))
                Assert.Equal(decoded.GetString(), tokenizer.Decode(ids));
        }
        Assert.True(rows > 800, $"only {rows} rows");
    }

    public static int[] Ids(JsonElement list) => [.. list.EnumerateArray().Select(id => id.GetInt32())];

    private static void AssertDecoding(Tokenizer tokenizer, string? name, JsonElement row, int[] ids)
    {
        AssertSame(name, row.GetProperty("decoded").GetString()!, tokenizer.Decode(ids));
        AssertSame(name, row.GetProperty("decoded_skip_special").GetString()!, tokenizer.Decode(ids, skipSpecialTokens: true));
    }

    private static void AssertSame<T>(string? name, IEnumerable<T> expected, IEnumerable<T> actual) =>
        Assert.True(expected.SequenceEqual(actual), $"{name}: expected {string.Join(' ', expected)}, got {string.Join(' ', actual)}");
}
