using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Rewards;
using UmmRm.Tokenization;

namespace UmmRm.Recipes;

/// <summary>Labelled pairs as rows in TRL's explicit layout; sides that a length limit cut say so.</summary>
internal static class PairRows
{
    /// <summary>prompt, chosen, rejected, whether each ended, how far gold puts them apart, and whether noise flipped the label.</summary>
    public static JsonObject Of(LabelledPair pair)
    {
        var prompt = pair.Chosen.Prompt;
        var row = OfPrompt(prompt);
        row["chosen"] = pair.Chosen.Response;
        row["rejected"] = pair.Rejected.Response;
        if (!pair.Chosen.Ended)
            row["chosen_ended"] = false;
        if (!pair.Rejected.Ended)
            row["rejected_ended"] = false;
        row["gold_gap"] = pair.Gap;
        if (pair.Flipped)
            row["flipped"] = true;
        return row;
    }

    /// <summary>A prompt alone, to which a row adds what belongs to it.</summary>
    public static JsonObject OfPrompt(Conversation prompt)
    {
        var row = new JsonObject { ["prompt"] = prompt.Turns is [{ Role: "user" } turn] ? turn.Content : JsonSerializer.SerializeToNode(prompt.Turns.Select(t => new { role = t.Role, content = t.Content })) };
        if (!string.IsNullOrEmpty(prompt.Input))
            row["input"] = prompt.Input;
        return row;
    }
}
