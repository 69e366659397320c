using System.Buffers;
using System.Buffers.Text;
using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using UmmRm.Tokenization;

namespace UmmRm.Cli.Commands;

/// <summary><c>ummrm tokenize --tokenizer DIR|FILE</c>: a line in, a line out.</summary>
internal sealed class TokenizeCommand : Verb
{
    private const string PlainLines = "lines", JsonLines = "json";
    private static readonly JsonWriterOptions JsonForm = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Option<string> _tokenizer = OptionOf.Text("--tokenizer", "DIR|FILE", "a model's or tokenizer's folder, a tokenizer.json, a tokenizer.model, or a vocab.json with merges.txt beside it", required: true);
    private readonly Option<string> _input = OptionOf.Text("--input", "FILE", "where the lines are; - is stdin", byDefault: "-");
    private readonly Option<string> _format = OptionOf.Choice("--input-format", "lines: a line is a text as it is; json: a line is a JSON string, so that a text may hold line ends. With --decode: what comes out", PlainLines, JsonLines);
    private readonly Option<bool> _noSpecial = OptionOf.Switch("--no-special", "no BOS or EOS around a text; with --decode: special tokens are left out");
    private readonly Option<bool> _decode = OptionOf.Switch("--decode", "the other way: JSON lists of ids in, texts out");

    public TokenizeCommand()
        : base("tokenize", VerbGroup.Use, "texts to token ids and back",
            "Turns each line into the token ids that a model sees, as a JSON list, exactly as the reference library does with the same tokenizer files; with --decode turns lists of ids back into texts. "
            + "A line ends with a line feed alone. Answers come as fast as lines do, so it can also serve another program through a pipe.")
    {
        Options.Add(_tokenizer);
        Options.Add(_input);
        Options.Add(_format);
        Options.Add(_noSpecial);
        Options.Add(_decode);
    }

    public override IReadOnlyList<Example> Examples =>
    [
        new("tokenize --tokenizer runs/demo/tokenizer < texts.txt", "a list of ids for every line"),
        new("tokenize --tokenizer tokenizer.json --input-format json --input texts.jsonl --no-special", "texts with line ends in them, without BOS and EOS"),
        new("tokenize --tokenizer tokenizer.json --decode < ids.jsonl", "ids back to texts"),
    ];

    public override int Run(Invocation invocation)
    {
        var tokenizer = Tokenizer.Load(invocation.Model(invocation.Value(_tokenizer)!, tokenizerOnly: true));
        var special = !invocation.Value(_noSpecial);
        var json = invocation.Value(_format) == JsonLines;
        var lines = new LineConverter(invocation.Terminal, invocation.Threads, asDocument: invocation.Json);
        if (invocation.Value(_decode))
            lines.Convert(invocation.Value(_input)!, "decoding", (line, result) => WriteText(tokenizer.Decode(ReadIds(line), skipSpecialTokens: !special), json || invocation.Json, result));
        else
            lines.Convert(invocation.Value(_input)!, "tokenizing", (line, result) => WriteIds(tokenizer.Encode(json ? ReadJsonText(line) : ReadPlainText(line), special), result));
        return ExitCode.Done;
    }

    private static string ReadPlainText(ReadOnlySpan<byte> line) =>
        Utf8.IsValid(line) ? Encoding.UTF8.GetString(line) : throw new InvalidDataException("the line is not UTF-8; convert the file first, for example with iconv");

    private static string ReadJsonText(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            if (reader.Read() && reader.TokenType == JsonTokenType.String && reader.GetString() is { } text && !reader.Read())
                return text;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter: half a surrogate pair, or bytes that are not UTF-8
        {
            throw new InvalidDataException($"a JSON string is expected ({e.Message})", e);
        }
        throw new InvalidDataException("a JSON string is expected, such as \"a text\"; without --input-format json a line is taken as it is");
    }

    private static int[] ReadIds(ReadOnlySpan<byte> line)
    {
        var ids = new List<int>(line.Length / 4);
        try
        {
            var reader = new Utf8JsonReader(line);
            if (reader.Read() && reader.TokenType == JsonTokenType.StartArray)
            {
                while (reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var id))
                    ids.Add(id);
                if (reader.TokenType == JsonTokenType.EndArray && !reader.Read())
                    return [.. ids];
            }
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"a JSON list of ids is expected ({e.Message})", e);
        }
        throw new InvalidDataException("a JSON list of ids is expected, such as [15496, 995]");
    }

    private static void WriteIds(ReadOnlySpan<int> ids, ArrayBufferWriter<byte> result)
    {
        result.Write("["u8);
        for (var i = 0; i < ids.Length; i++)
        {
            if (i > 0)
                result.Write(","u8);
            Utf8Formatter.TryFormat(ids[i], result.GetSpan(11), out var length);
            result.Advance(length);
        }
        result.Write("]"u8);
    }

    private static void WriteText(string text, bool json, ArrayBufferWriter<byte> result)
    {
        if (!json)
        {
            Encoding.UTF8.GetBytes(text, result);
            return;
        }
        using var writer = new Utf8JsonWriter(result, JsonForm);
        writer.WriteStringValue(text);
    }
}
