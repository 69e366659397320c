using UmmRm.Tokenization;

namespace UmmRm.Data;

/// <summary>Makes pairs and demonstrations out of what a layout found in a row, and refuses those that cannot be trained on.</summary>
internal static class CheckedPair
{
    private static readonly string[] AttributeColumns = ["chosen_model", "rejected_model", "source"];

    /// <summary>Columns that become <see cref="PreferencePair.Attributes"/>.</summary>
    public static IReadOnlyList<string> Attributes => AttributeColumns;

    /// <summary>A pair from its parts.</summary>
    /// <param name="fields">The row, for its place and its attributes.</param>
    /// <param name="prompt">What both responses answer.</param>
    /// <param name="chosen">The preferred response.</param>
    /// <param name="rejected">The other one.</param>
    /// <param name="tie">Why the data prefer neither; null when they prefer one.</param>
    public static PreferencePair Of(RowFields fields, Conversation prompt, string chosen, string rejected, string? tie = null)
    {
        if (tie is not null && !fields.Options.KeepTies)
            throw new BadRowException(BadRowReason.Tie, tie);
        CheckPrompt(prompt);
        CheckResponse("the chosen", chosen);
        CheckResponse("the rejected", rejected);
        if (chosen == rejected)
            throw new BadRowException(BadRowReason.IdenticalSides, "the chosen and the rejected response are the same text; expected two different ones");
        return new PreferencePair(prompt, chosen, rejected, fields.Row.Origin)
        {
            Label = tie is null ? 1 : 0.5,
            ChosenEnded = fields.Flag("chosen_ended", otherwise: true),
            RejectedEnded = fields.Flag("rejected_ended", otherwise: true),
            Attributes = AttributeColumns.Select(name => (name, text: fields.TextIfAny(name))).Where(a => a.text is not null).ToDictionary(a => a.name, a => a.text!),
        };
    }

    /// <summary>A pair from two whole conversations that must agree in all but their last turn, with the prompt's separate input if it has one.</summary>
    public static PreferencePair Of(RowFields fields, IReadOnlyList<Message> chosen, IReadOnlyList<Message> rejected, string? tie = null, string? input = null)
    {
        var (prompt, better) = SplitLastTurn(chosen, "the chosen side");
        var (other, worse) = SplitLastTurn(rejected, "the rejected side");
        if (!prompt.SequenceEqual(other))
        {
            var turn = prompt.Zip(other).TakeWhile(pair => pair.First == pair.Second).Count();
            throw new BadRowException(BadRowReason.PromptDiffers, $"the two sides part at turn {turn + 1} of {chosen.Count} and {rejected.Count}; expected the same turns up to the last");
        }
        return Of(fields, new Conversation(prompt, input), better, worse, tie);
    }

    /// <summary>A demonstration from its parts.</summary>
    public static Instruction Demonstration(RowFields fields, Conversation prompt, string response)
    {
        CheckPrompt(prompt);
        CheckResponse("the", response);
        return new Instruction(prompt, response, fields.Row.Origin, fields.Flag("ended", otherwise: true));
    }

    /// <summary>Parts a conversation into the prompt and the answer that ends it.</summary>
    /// <param name="turns">The whole conversation.</param>
    /// <param name="what">What it is, for the message.</param>
    public static (IReadOnlyList<Message> Prompt, string Response) SplitLastTurn(IReadOnlyList<Message> turns, string what)
    {
        if (turns.Count < 2 || turns[^1].Role != "assistant")
            throw new BadRowException(BadRowReason.WrongValue, $"{what} has {turns.Count} turn(s), the last one the {turns[^1].Role}'s; expected a prompt and then an assistant turn that answers it");
        return ([.. turns.SkipLast(1)], turns[^1].Content);
    }

    /// <summary>Refuses an empty prompt and one that ends with an answer.</summary>
    public static Conversation CheckPrompt(Conversation prompt)
    {
        if (prompt.Turns[^1].Role == "assistant")
            throw new BadRowException(BadRowReason.WrongValue, "the prompt ends with an assistant turn; expected the turn that is to be answered");
        return string.IsNullOrWhiteSpace(prompt.Turns[^1].Content) ? throw new BadRowException(BadRowReason.EmptyPrompt, "the prompt is empty; expected a text to answer") : prompt;
    }

    private static void CheckResponse(string which, string response)
    {
        if (string.IsNullOrWhiteSpace(response))
            throw new BadRowException(BadRowReason.EmptyResponse, $"{which} response is empty; expected a text");
    }
}
