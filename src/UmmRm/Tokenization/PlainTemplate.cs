using System.Text;

namespace UmmRm.Tokenization;

/// <summary>
/// A plain prompt format: a text per kind of turn, with {content} where the turn's content goes. Nothing else is added: the end-of-text
/// token is appended by the encoder, where <see cref="PromptTemplate.AppendsEos"/> says so.
/// </summary>
public sealed partial record PlainTemplate : PromptTemplate
{
    private const string Content = "{content}";
    private const string InputPlace = "{input}";

    /// <summary>A user's turn.</summary>
    public required string User { get; init; }

    /// <summary>An assistant's turn. Spaces before {content} belong to the response: a policy writes them.</summary>
    public required string Assistant { get; init; }

    /// <summary>A system's turn; null when the format has none.</summary>
    public string? System { get; init; }

    /// <summary>The last user turn when the prompt has a separate input, with {input} after {content}; null: the input follows the content on a new line.</summary>
    public string? UserWithInput { get; init; }

    /// <summary>Whether the format knows one user turn only.</summary>
    public bool SingleTurn { get; init; }

    /// <inheritdoc/>
    public override RenderedText Render(Conversation prompt)
    {
        var text = RenderPrompt(prompt).Append(ResponseOpening.TrimEnd(' ')).ToString();
        return new RenderedText(text, text.Length);
    }

    /// <inheritdoc/>
    public override RenderedText Render(Conversation prompt, string response, bool ended = true)
    {
        var text = RenderPrompt(prompt).Append(ResponseOpening);
        var start = text.Length - (ResponseOpening.Length - ResponseOpening.TrimEnd(' ').Length);
        return new RenderedText(text.Append(response).Append(ended ? ResponseEnding : "").ToString(), start);
    }

    /// <inheritdoc/>
    public override string ResponseIn(Conversation prompt, string continuation)
    {
        var separator = ResponseOpening[ResponseOpening.TrimEnd(' ').Length..];
        var start = continuation.StartsWith(separator, StringComparison.Ordinal) ? separator.Length : 0;
        var ending = ResponseEnding.Length > 0 && continuation.EndsWith(ResponseEnding, StringComparison.Ordinal) ? ResponseEnding.Length : 0;
        return continuation[start..Math.Max(start, continuation.Length - ending)];
    }

    /// <inheritdoc/>
    public override string CueOf(Conversation prompt) => ResponseOpening.TrimEnd(' ');

    /// <inheritdoc/>
    public override string EndingOf(Conversation prompt) => ResponseEnding;

    /// <summary>Throws when a turn's text has no place for its content.</summary>
    /// <exception cref="ArgumentException">The message names the key and what was expected.</exception>
    public void Validate()
    {
        foreach (var (key, format) in new[] { ("user", User), ("assistant", Assistant), ("system", System ?? Content), ("user_with_input", UserWithInput?.Replace(InputPlace, "", StringComparison.Ordinal) ?? Content) })
        {
            if (format is null || format.Split(Content).Length != 2)
                throw new ArgumentException($"{key} of template '{Name}' is '{format}'; expected a text with {Content} in it once");
        }
        if (UserWithInput?.Split(Content)[1].Split(InputPlace).Length is not (null or 2))
            throw new ArgumentException($"user_with_input of template '{Name}' is '{UserWithInput}'; expected {InputPlace} in it once, after {Content}");
    }

    private string ResponseOpening => Assistant[..Assistant.IndexOf(Content, StringComparison.Ordinal)];

    private string ResponseEnding => Assistant[(ResponseOpening.Length + Content.Length)..];

    private StringBuilder RenderPrompt(Conversation prompt)
    {
        RequireTurnToAnswer(prompt);
        if (SingleTurn && prompt.Turns is not [{ Role: "user" }])
        {
            throw new InvalidDataException($"template '{Name}' renders one user turn only, and the prompt has {prompt.Turns.Count} ({string.Join(", ", prompt.Turns.Select(turn => turn.Role))}); "
                + "use a format for conversations, such as --template hh, coste, or chat where the model has a chat template");
        }
        var text = new StringBuilder();
        foreach (var turn in prompt.Turns.SkipLast(1))
            text.Append(Fill(FormatOf(turn.Role), turn.Content));
        var last = prompt.Turns[^1];
        if (string.IsNullOrEmpty(prompt.Input))
            return text.Append(Fill(FormatOf(last.Role), last.Content));
        return UserWithInput is not null && last.Role == "user"
            ? text.Append(Fill(UserWithInput, last.Content, prompt.Input))
            : text.Append(Fill(FormatOf(last.Role), $"{last.Content}\n{prompt.Input}"));
    }

    private string FormatOf(string role) => role switch
    {
        "user" => User,
        "assistant" => Assistant,
        "system" when System is not null => System,
        _ => throw new InvalidDataException($"template '{Name}' has no place for a turn of the role '{role}'; it knows user{(System is null ? "" : ", system")} and assistant"),
    };

    private static string Fill(string format, string content, string? input = null)
    {
        var at = format.IndexOf(Content, StringComparison.Ordinal);
        var (before, after) = (format[..at], format[(at + Content.Length)..]);
        return before + content + (input is null ? after : after.Replace(InputPlace, input, StringComparison.Ordinal));
    }
}
