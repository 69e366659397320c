using System.Text.Json.Nodes;
using UmmRm.Data;
using UmmRm.Tokenization;
using UmmRm.Worlds;

namespace UmmRm.Recipes;

/// <summary>Writes the built-in world: tokenizer, texts, prompts, evaluation pairs and the word for its gold reward.</summary>
public sealed class WorldExecutor : IStageExecutor<WorldStage>
{
    /// <inheritdoc/>
    public void Execute(WorldStage stage, StageContext context)
    {
        var words = WorldVocabulary.Words;
        WordLevelTokenizer.Create([.. words.Take(4)], words.Skip(4), bosToken: words[1], eosToken: words[3], padToken: words[0], unknownToken: words[0]).Save(context.Output("tokenizer"));
        WriteRows(context.Output("texts"), InstructionWorld.FeedbackTexts(stage.Texts, context.Random("texts")).Select(Demonstration));
        WriteRows(context.Output("demonstrations"), InstructionWorld.Demonstrations(stage.Demonstrations, context.Random("demonstrations")).Select(Demonstration));
        WriteRows(context.Output("prompts"), InstructionWorld.Instructions(stage.Prompts, context.Random("prompts")).Select(instruction => new JsonObject { ["prompt"] = instruction.Prompt }));
        WriteRows(context.Output("shifted"), InstructionWorld.FlippedPairs(stage.Shifted, context.Random("shifted")).Pairs.Select(PairRows.Of));
        WriteRows(context.Output("core"), InstructionWorld.CorePairs(stage.Core, context.Random("core")).Pairs.Select(PairRows.Of));
        RewardFunctions.WriteGold(context.Output("gold"));
    }

    private static JsonObject Demonstration(Completion completion) =>
        new() { ["prompt"] = completion.Prompt.Turns[^1].Content, ["response"] = completion.Response, ["ended"] = completion.Ended };

    private static void WriteRows(string path, IEnumerable<JsonObject> rows)
    {
        using var writer = new JsonLinesWriter(path);
        foreach (var row in rows)
            writer.Write(row);
        writer.Commit();
    }
}
