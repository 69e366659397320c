using UmmRm.Tokenization;

namespace UmmRm.Data;

/// <summary>
/// TRL's preference layouts, also used by UltraFeedback-binarized and most published pairs: <c>chosen</c> and <c>rejected</c> with a
/// <c>prompt</c> or without one (then it is what both sides begin with), as texts or as lists of turns, with an optional <c>margin</c>
/// or two scores whose difference is one.
/// </summary>
internal static class TrlPairs
{
    /// <summary>Columns that hold a prompt in some published data; beside them a prompt is not guessed from the responses.</summary>
    private static readonly string[] OtherPrompts = ["question", "query", "instruction"];

    private static readonly IReadOnlyList<string> Extra = ["margin", "score_chosen", "score_rejected", "chosen_ended", "rejected_ended", .. CheckedPair.Attributes];

    /// <summary>prompt, chosen, rejected.</summary>
    public static Layout<PreferencePair> Explicit { get; } = new("prompt, chosen, rejected", ["prompt", "chosen", "rejected"], ["input", .. Extra], ReadExplicit) { Sides = ExchangedColumns };

    /// <summary>chosen, rejected.</summary>
    public static Layout<PreferencePair> Implicit { get; } = new("chosen, rejected (prompt implied)", ["chosen", "rejected"], [.. Extra, .. OtherPrompts], ReadImplicit)
    {
        Applies = sample => !OtherPrompts.Any(sample[0].Has),
        Sides = ExchangedColumns,
    };

    private static IReadOnlyList<(string, string)> ExchangedColumns => [("chosen", "rejected"), ("score_chosen", "score_rejected"), ("chosen_ended", "rejected_ended"), ("chosen_model", "rejected_model")];

    private static PreferencePair ReadExplicit(RowFields fields)
    {
        var tie = Tie(fields);
        if (fields.IsList("chosen") || fields.IsList("rejected"))
            return WithMargin(fields, CheckedPair.Of(fields, Side(fields, "chosen"), Side(fields, "rejected"), tie, fields.Prompt("prompt").Input));
        return WithMargin(fields, CheckedPair.Of(fields, fields.Prompt("prompt"), fields.Text("chosen"), fields.Text("rejected"), tie));
    }

    /// <summary>One side as a whole conversation: the answer alone is put behind the prompt; beside a prompt text the side may repeat it.</summary>
    private static IReadOnlyList<Message> Side(RowFields fields, string side)
    {
        var turns = fields.Turns(side);
        if (turns.Count == 1)
            return [.. fields.Prompt("prompt").Turns, .. turns];
        return !fields.IsList("prompt") ? turns
            : throw new BadRowException(BadRowReason.WrongValue, $"{fields.ColumnOf(side)} has {turns.Count} turns beside a prompt of turns; expected the assistant's answer alone");
    }

    private static PreferencePair ReadImplicit(RowFields fields)
    {
        var tie = Tie(fields);
        if (fields.IsList("chosen"))
            return WithMargin(fields, CheckedPair.Of(fields, fields.Turns("chosen"), fields.Turns("rejected"), tie));
        var (chosen, rejected) = (fields.Text("chosen"), fields.Text("rejected"));
        if (chosen == rejected && tie is null)
            throw new BadRowException(BadRowReason.IdenticalSides, "chosen and rejected are the same text; expected two different ones");
        var at = PromptLength(chosen, rejected);
        if (at == 0)
            throw new BadRowException(BadRowReason.PromptDiffers, "chosen and rejected do not begin alike, so they hold no prompt; name its column, as in --columns prompt=question");
        return WithMargin(fields, CheckedPair.Of(fields, Conversation.FromPrompt(chosen[..at]), chosen[at..], rejected[at..], tie));
    }

    /// <summary>
    /// Length of the implied prompt, as TRL's extract_prompt finds it: up to the first difference, less one space before it; where one side
    /// begins with all of the other, the prompt is the shorter one less its last character.
    /// </summary>
    internal static int PromptLength(string chosen, string rejected)
    {
        var shorter = Math.Min(chosen.Length, rejected.Length);
        var at = chosen.AsSpan().CommonPrefixLength(rejected);
        if (at == shorter)
            at = Math.Max(0, shorter - 1);
        else if (at > 0 && chosen[at - 1] == ' ')
            at--;
        return at > 0 && char.IsHighSurrogate(chosen[at - 1]) ? at - 1 : at; // TRL counts characters, not UTF-16 halves
    }

    private static string? Tie(RowFields fields) =>
        fields.NumberIfAny("score_chosen") is { } chosen && fields.NumberIfAny("score_rejected") == chosen ? $"score_chosen and score_rejected are both {chosen}" : null;

    private static PreferencePair WithMargin(RowFields fields, PreferencePair pair) => pair with
    {
        Margin = fields.NumberIfAny("margin") ?? (fields.NumberIfAny("score_chosen") - fields.NumberIfAny("score_rejected")),
    };
}
