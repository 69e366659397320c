using System.Text.Json.Serialization;

namespace UmmRm.Tokenization;

/// <summary>How a prompt, or a prompt with its response, becomes the one text that is tokenized: a plain format (<see cref="PlainTemplate"/>) or a model's chat template (<see cref="ChatPromptTemplate"/>).</summary>
public abstract partial record PromptTemplate
{
    /// <summary>The name that messages, recipes and model folders use.</summary>
    public required string Name { get; init; }

    /// <summary>Whether the encoder appends the end-of-text token to a finished response where the text does not end with it: true for plain formats, false for chat templates, whose rendering gets nothing appended.</summary>
    public bool AppendsEos { get; init; } = true;

    /// <summary>Whether the text brings the tokens that begin and end every text (BOS): then the tokenizer adds none.</summary>
    [JsonIgnore]
    public virtual bool BringsSpecialTokens => false;

    /// <summary>The text that a policy continues; <see cref="RenderedText.ResponseStart"/> is its length.</summary>
    /// <exception cref="InvalidDataException">The format has no place for one of the turns, or the last one is the assistant's.</exception>
    public abstract RenderedText Render(Conversation prompt);

    /// <summary>The text that is scored or trained on. A plain format's begins with <see cref="Render(Conversation)"/>'s text; a chat template may write another opening there.</summary>
    /// <param name="prompt">What is answered.</param>
    /// <param name="response">The answer.</param>
    /// <param name="ended">false for a response that a length limit cut: the format's own end marker is left out.</param>
    /// <exception cref="InvalidDataException">The format has no place for one of the turns, or the last one is the assistant's.</exception>
    public abstract RenderedText Render(Conversation prompt, string response, bool ended = true);

    /// <summary>The response in what a policy wrote after <see cref="Render(Conversation)"/>'s text: less the spaces and the end marker that the format puts around it.</summary>
    /// <param name="prompt">What was answered.</param>
    /// <param name="continuation">What was written.</param>
    public abstract string ResponseIn(Conversation prompt, string continuation);

    /// <summary>What ends <see cref="Render(Conversation)"/>'s text and asks for an answer, such as <c>&lt;|im_start|&gt;assistant</c> and a new line; empty where nothing does.</summary>
    public abstract string CueOf(Conversation prompt);

    /// <summary>What the format writes after a finished response, such as <c>&lt;|im_end|&gt;</c> and a new line; empty where it writes nothing.</summary>
    public abstract string EndingOf(Conversation prompt);

    /// <summary>Throws unless there is a turn to answer at the prompt's end.</summary>
    private protected void RequireTurnToAnswer(Conversation prompt)
    {
        if (prompt.Turns.Count == 0 || prompt.Turns[^1].Role == "assistant")
            throw new InvalidDataException($"template '{Name}': the prompt {(prompt.Turns.Count == 0 ? "has no turn" : "ends with the assistant's turn")}; expected a turn to answer at its end");
    }
}
