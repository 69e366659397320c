using System.Text.Json.Nodes;

namespace UmmRm.Tokenization;

/// <summary>
/// A model's chat template as a prompt format. The text is the template's rendering of the whole conversation, the response as its last turn, with nothing appended, as TRL and vLLM read it; the response begins where that rendering
/// leaves the rendering of the prompt with its generation prompt.
/// </summary>
public sealed record ChatPromptTemplate : PromptTemplate
{
    /// <summary>The name that stands for the model folder's own chat template.</summary>
    public const string OwnName = "chat";

    /// <summary>Stands for a response while what the template writes around one is looked at.</summary>
    private const string Placeholder = "response-4f1d9c";

    private readonly IReadOnlyDictionary<string, JsonNode?> _specialTokens;

    private ChatPromptTemplate(ChatTemplate chat, IReadOnlyDictionary<string, JsonNode?> specialTokens) => (Chat, _specialTokens) = (chat, specialTokens);

    /// <summary>The template.</summary>
    public ChatTemplate Chat { get; }

    /// <inheritdoc/>
    public override bool BringsSpecialTokens => true;

    /// <summary>Reads a chat template.</summary>
    /// <param name="path">A model's folder, or a .jinja file.</param>
    /// <param name="modelFolder">The folder whose special tokens (bos_token, ...) a file's template is rendered with; null: they are undefined.</param>
    /// <exception cref="FileNotFoundException">The folder holds none.</exception>
    /// <exception cref="InvalidDataException">It is no template.</exception>
    public static ChatPromptTemplate Load(string path, string? modelFolder = null)
    {
        var (chat, tokens) = ChatTemplateFile.Load(path, modelFolder);
        return new ChatPromptTemplate(chat, tokens) { Name = OwnName, AppendsEos = false };
    }

    /// <inheritdoc/>
    public override RenderedText Render(Conversation prompt)
    {
        var text = Chat.Render(Messages(prompt), addGenerationPrompt: true, _specialTokens);
        return new RenderedText(text, text.Length);
    }

    /// <inheritdoc/>
    public override RenderedText Render(Conversation prompt, string response, bool ended = true)
    {
        var text = Whole(prompt, response);
        var start = CommonLength(Render(prompt).Text, text);
        if (!ended && EndingOf(prompt) is { Length: > 0 } ending && text.EndsWith(ending, StringComparison.Ordinal))
            text = text[..^ending.Length];
        return new RenderedText(text, start);
    }

    /// <inheritdoc/>
    public override string ResponseIn(Conversation prompt, string continuation)
    {
        var (opening, ending) = Around(prompt);
        var text = opening.Length > 0 && continuation.StartsWith(opening, StringComparison.Ordinal) ? continuation[opening.Length..] : continuation;
        return ending.Length > 0 && text.EndsWith(ending, StringComparison.Ordinal) ? text[..^ending.Length] : text;
    }

    /// <inheritdoc/>
    public override string CueOf(Conversation prompt)
    {
        var text = Render(prompt).Text;
        return text[CommonLength(Chat.Render(Messages(prompt), addGenerationPrompt: false, _specialTokens), text)..];
    }

    /// <inheritdoc/>
    public override string EndingOf(Conversation prompt) => Around(prompt).Ending;

    /// <summary>What the template writes between the generation prompt and a response, and after it.</summary>
    private (string Opening, string Ending) Around(Conversation prompt)
    {
        var text = Whole(prompt, Placeholder);
        var at = text.LastIndexOf(Placeholder, StringComparison.Ordinal);
        if (at < 0)
            throw new InvalidDataException($"{Chat.Name}: it does not show what the assistant's turn says; a response cannot be rendered by it");
        return (text[Math.Min(at, CommonLength(Render(prompt).Text, text))..at], text[(at + Placeholder.Length)..]);
    }

    private string Whole(Conversation prompt, string response)
    {
        var messages = Messages(prompt);
        messages.Add(Turn("assistant", response));
        return Chat.Render(messages, addGenerationPrompt: false, _specialTokens);
    }

    private JsonArray Messages(Conversation prompt)
    {
        RequireTurnToAnswer(prompt);
        var messages = new JsonArray([.. prompt.Turns.Select(turn => Turn(turn.Role, turn.Content))]);
        if (!string.IsNullOrEmpty(prompt.Input))
            messages[^1]!["content"] = $"{prompt.Turns[^1].Content}\n{prompt.Input}";
        return messages;
    }

    private static JsonNode Turn(string role, string content) => new JsonObject { ["role"] = role, ["content"] = content };

    /// <summary>How far two texts agree, in UTF-16 units, no code point cut in half.</summary>
    private static int CommonLength(string a, string b)
    {
        var length = a.AsSpan().CommonPrefixLength(b);
        return length > 0 && length < Math.Max(a.Length, b.Length) && char.IsHighSurrogate(a[length - 1]) ? length - 1 : length;
    }
}
