using System.Text;

namespace UmmRm.Tokenization;

/// <summary>A prompt, or a prompt with a response, as the one text that is tokenized.</summary>
/// <param name="Text">The whole text.</param>
/// <param name="ResponseStart">Where the response's part begins, in UTF-16 units: all before it is what a policy is given, all from it on is what a policy writes, a separating space included.</param>
public sealed record RenderedText(string Text, int ResponseStart);

/// <summary>
/// A plain prompt format: a text per kind of turn, with {content} where the turn's content goes. Nothing else is added: the end-of-text
/// token is appended by the encoder, where <see cref="AppendsEos"/> says so.
/// </summary>
public sealed partial record PromptTemplate
{
    private const string Content = "{content}";
    private const string InputPlace = "{input}";

    /// <summary>The name that messages, recipes and model folders use.</summary>
    public required string Name { get; init; }

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

    /// <summary>Whether the encoder appends the end-of-text token to a finished response where the text does not end with it: true for plain formats.</summary>
    public bool AppendsEos { get; init; } = true;

    /// <summary>The text that a policy continues; <see cref="RenderedText.ResponseStart"/> is its length.</summary>
    /// <exception cref="InvalidDataException">The format has no place for one of the turns, or the last one is the assistant's.</exception>
    public RenderedText Render(Conversation prompt)
    {
        var text = RenderPrompt(prompt).Append(ResponseOpening.TrimEnd(' ')).ToString();
        return new RenderedText(text, text.Length);
    }

    /// <summary>The text that is scored or trained on. It begins with <see cref="Render(Conversation)"/>'s text.</summary>
    /// <param name="prompt">What is answered.</param>
    /// <param name="response">The answer.</param>
    /// <param name="ended">false for a response that a length limit cut: the format's own end marker is left out.</param>
    /// <exception cref="InvalidDataException">The format has no place for one of the turns, or the last one is the assistant's.</exception>
    public RenderedText Render(Conversation prompt, string response, bool ended = true)
    {
        var text = RenderPrompt(prompt).Append(ResponseOpening);
        var start = text.Length - (ResponseOpening.Length - ResponseOpening.TrimEnd(' ').Length);
        return new RenderedText(text.Append(response).Append(ended ? ResponseEnding : "").ToString(), start);
    }

    /// <summary>The response in what a policy wrote after <see cref="Render(Conversation)"/>'s text: less the spaces and the end marker that the format puts around it.</summary>
    public string ResponseIn(string continuation)
    {
        var separator = ResponseOpening[ResponseOpening.TrimEnd(' ').Length..];
        var start = continuation.StartsWith(separator, StringComparison.Ordinal) ? separator.Length : 0;
        var ending = ResponseEnding.Length > 0 && continuation.EndsWith(ResponseEnding, StringComparison.Ordinal) ? ResponseEnding.Length : 0;
        return continuation[start..Math.Max(start, continuation.Length - ending)];
    }

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
        if (prompt.Turns.Count == 0 || prompt.Turns[^1].Role == "assistant")
            throw new InvalidDataException($"template '{Name}': the prompt {(prompt.Turns.Count == 0 ? "has no turn" : "ends with the assistant's turn")}; expected a turn to answer at its end");
        if (SingleTurn && prompt.Turns is not [{ Role: "user" }])
        {
            throw new InvalidDataException($"template '{Name}' renders one user turn only, and the prompt has {prompt.Turns.Count} ({string.Join(", ", prompt.Turns.Select(turn => turn.Role))}); "
                + "use a format for conversations, such as --template hh or coste");
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
