using UmmRm.Data;
using UmmRm.Ppo;

namespace UmmRm.Recipes;

/// <summary>What a policy is asked: prompts that leave room for the longest response.</summary>
internal static class PolicyPrompts
{
    /// <summary>The prompts of an input; those that leave no room are shortened or dropped, and noted.</summary>
    /// <param name="stage">Template, length limit and what becomes of longer rows.</param>
    /// <param name="context">Where the rows lie, and whom to tell.</param>
    /// <param name="folder">The policy.</param>
    /// <param name="data">The rows.</param>
    /// <param name="maxNewTokens">The longest response.</param>
    /// <param name="what">What messages call them.</param>
    /// <exception cref="ArgumentException">The longest response leaves nothing for a prompt.</exception>
    /// <exception cref="InvalidDataException">No prompt fits.</exception>
    public static List<PolicyPrompt> Read(TextStage stage, StageContext context, ModelFolder folder, DataInput data, int maxNewTokens, string what)
    {
        var longest = folder.Encoder(stage.Template?.ToString(), stage.MaxLength).MaxLength;
        var limit = longest - maxNewTokens;
        if (limit < 1)
            throw new ArgumentException($"max_new_tokens is {maxNewTokens}; with it nothing is left of max_length {longest} tokens for a prompt; lower max_new_tokens");
        var encoder = folder.Encoder(stage.Template?.ToString(), limit, stage.OverLength);
        var rows = PromptData.Read(context.SourceOf(data), stage.Options(data)).Rows;
        var fitting = rows.Select(row => (Row: row, Ids: encoder.EncodePrompt(row))).Select(p => (p.Row, p.Ids, Fit: encoder.Fit(new EncodedText(p.Ids, p.Ids.Length), p.Row))).ToList();
        var kept = fitting.Where(p => p.Fit is { Ids.Length: > 0 }).Select(p => new PolicyPrompt(p.Row, p.Fit!.Ids)).ToList();
        if (kept.Count < rows.Count)
            context.Warn($"{rows.Count - kept.Count} of {rows.Count} {what} dropped: longer than the {limit} tokens that max_new_tokens {maxNewTokens} leaves of max_length {longest}");
        if (fitting.Count(p => p.Fit is { } fit && fit.Ids.Length < p.Ids.Length) is var cut and > 0)
            context.Warn($"{cut} of {rows.Count} {what} shortened to {limit} tokens");
        return kept.Count > 0 ? kept : throw new InvalidDataException($"none of the {rows.Count} {what} fits in {limit} tokens, which max_new_tokens {maxNewTokens} leaves of max_length {longest}; lower max_new_tokens, or set over_length: cut");
    }
}
