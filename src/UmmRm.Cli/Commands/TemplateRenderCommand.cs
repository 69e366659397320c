using System.Buffers;
using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Tokenization;

namespace UmmRm.Cli.Commands;

/// <summary><c>ummrm template render</c></summary>
internal sealed class TemplateRenderCommand : Verb
{
    private static readonly JsonSerializerOptions Form = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Option<string> _template = OptionOf.Text("--template", "FILE|MODEL", "a .jinja file, or a model's folder: its chat_template.jinja, or chat_template in tokenizer_config.json", required: true);
    private readonly Option<bool> _generate = OptionOf.Switch("--generation-prompt", "end with the beginning of the assistant's next turn");
    private readonly Option<string> _begin = OptionOf.Text("--bos", "S", "bos_token (default: the folder's)");
    private readonly Option<string> _end = OptionOf.Text("--eos", "S", "eos_token (default: the folder's)");
    private readonly Option<string[]> _set = OptionOf.Many("--set", "NAME=VALUE ...", "further names that the template reads; a value is JSON, or else a text");
    private readonly Option<string> _input = OptionOf.Text("--input", "FILE", "where the lines are; - is stdin", byDefault: "-");

    public TemplateRenderCommand()
        : base("template render", VerbGroup.Use, "a chat template, as the model will see it",
            "Renders conversations by a model's own chat template, exactly as transformers does. Each line of the input is a JSON list of messages with role and content; each line of the output is the text as a JSON string. "
            + "Where the template complains, so does this, with its own words and the line. Templates are run in a sandbox: they see their values and nothing else, and have limits of time, steps and output.")
    {
        foreach (var option in (Option[])[_template, _generate, _begin, _end, _set, _input])
            Add(option);
    }

    public override IReadOnlyList<Example> Examples =>
    [
        new("template render --template ./Qwen2.5-0.5B-Instruct --generation-prompt < conversations.jsonl", "what the model is asked with"),
        new("template render --template chat_template.jinja --bos '<s>' --eos '</s>' --set enable_thinking=false < conversations.jsonl", "a file alone"),
    ];

    public override int Run(Invocation invocation)
    {
        var (template, special) = ChatTemplateFile.Load(Directory.Exists(invocation.Value(_template)!) || File.Exists(invocation.Value(_template)!) ? invocation.Value(_template)! : invocation.Model(invocation.Value(_template)!, tokenizerOnly: true));
        var values = new Dictionary<string, JsonNode?>(special);
        if (invocation.Value(_begin) is { } begin)
            values["bos_token"] = begin;
        if (invocation.Value(_end) is { } end)
            values["eos_token"] = end;
        foreach (var setting in invocation.Value(_set)!)
            Set(values, setting);
        var generate = invocation.Value(_generate);
        new LineConverter(invocation.Terminal, invocation.Threads, asDocument: invocation.Json).Convert(invocation.Value(_input)!, "rendering", (line, result) =>
            result.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(template.Render(Messages(line), generate, values), Form))));
        return ExitCode.Done;
    }

    private static void Set(Dictionary<string, JsonNode?> values, string setting)
    {
        var cut = setting.IndexOf('=', StringComparison.Ordinal);
        if (cut <= 0)
            throw new UsageException($"--set is '{setting}'; expected NAME=VALUE, such as enable_thinking=false");
        values[setting[..cut]] = Parsed(setting[(cut + 1)..]);
    }

    private static JsonNode? Parsed(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return text; // a text without quotes
        }
    }

    private static JsonArray Messages(ReadOnlySpan<byte> line)
    {
        try
        {
            if (JsonNode.Parse(line) is JsonArray messages)
                return messages;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"the line is not JSON ({e.Message}); expected a list of messages, such as [{{\"role\": \"user\", \"content\": \"Hi\"}}]", e);
        }
        throw new InvalidDataException("the line is no list; expected a list of messages, such as [{\"role\": \"user\", \"content\": \"Hi\"}]");
    }
}
