using UmmRm.Hub;
using UmmRm.Tokenization;

namespace UmmRm.Data;

/// <summary>AlpacaFarm: an <c>instruction</c> with an optional <c>input</c>; preferences name the better of <c>output_1</c> and <c>output_2</c>, demonstrations have one <c>output</c>.</summary>
internal static class AlpacaFarm
{
    /// <summary>
    /// The published files and the paper's parts of them: 10,000 demonstrations, human preferences of which the last 500 are held out, prompts for PPO and for the judge. The file names are those of
    /// the repository's page (main, e576524: four .json files in the root, four in alpaca_instructions); what the paper calls alpaca_human_evaluation is not among them: its prompts are
    /// AlpacaFarm's evaluation set, alpaca_farm_evaluation.
    /// </summary>
    public static NamedDataSet Set { get; } = new()
    {
        Name = "alpacafarm",
        Repository = new HubRepository(HubKind.DataSet, "tatsu-lab/alpaca_farm"),
        Published = NamedDataSet.EachAlone("sft", "preference", "unlabeled", "val", "alpaca_human_preference", "alpaca_gpt4_preference", "alpaca_noisy_multi_preference", "alpaca_farm_evaluation"),
        Paper = new Dictionary<string, RowRange>
        {
            ["reward"] = new("alpaca_human_preference", 0, 9191),
            ["reward-validation"] = new("alpaca_human_preference", 9191, 9691),
            ["ppo"] = new("unlabeled", 0, 18000),
            ["ppo-evaluation"] = new("unlabeled", 18000, 20000),
            ["judge"] = new("alpaca_farm_evaluation"),
        },
    };

    /// <summary>instruction, input, output_1, output_2, preference (1 or 2).</summary>
    public static Layout<PreferencePair> Pairs { get; } = new("AlpacaFarm", ["instruction", "output_1", "output_2", "preference"], ["input"], fields =>
        fields.Number("preference") switch
        {
            1 => CheckedPair.Of(fields, fields.Prompt("instruction"), fields.Text("output_1"), fields.Text("output_2")),
            2 => CheckedPair.Of(fields, fields.Prompt("instruction"), fields.Text("output_2"), fields.Text("output_1")),
            var other => throw new BadRowException(BadRowReason.WrongValue, $"{fields.ColumnOf("preference")} is {other}; expected 1 or 2, the output that is preferred"),
        })
    {
        Sides = [("output_1", "output_2")],
    };

    /// <summary>instruction, input, output.</summary>
    public static Layout<Instruction> Demonstrations { get; } = new("instruction, output", ["instruction", "output"], ["input"], fields =>
        CheckedPair.Demonstration(fields, fields.Prompt("instruction"), fields.Text("output")));

    /// <summary>instruction, input.</summary>
    public static Layout<Conversation> Prompts { get; } = new("instruction", ["instruction"], ["input"], fields => CheckedPair.CheckPrompt(fields.Prompt("instruction")));
}
