using UmmRm.Hub;

namespace UmmRm.Data;

/// <summary>Unified-Feedback: two whole conversations, <c>conv_A</c> and <c>conv_B</c>, and their ratings; equal ratings are a tie.</summary>
internal static class UnifiedFeedback
{
    /// <summary>Its webgpt_comparisons: the paper fine-tunes on the first 11,000 rows (the last 1,000 held out), trains rewards on the next 7,000, validates on what is left and tests on the official validation split. The repository's page (main) shows webgpt_comparisons/train-00000-of-00001.parquet and val-00000-of-00001.parquet.</summary>
    public static NamedDataSet WebGpt { get; } = new()
    {
        Name = "webgpt",
        Repository = new HubRepository(HubKind.DataSet, "llm-blender/Unified-Feedback"),
        Published = new Dictionary<string, IReadOnlyList<string>> { ["train"] = ["webgpt_comparisons/train"], ["val"] = ["webgpt_comparisons/val"] },
        Paper = new Dictionary<string, RowRange>
        {
            ["sft"] = new("train", 0, 10000),
            ["sft-validation"] = new("train", 10000, 11000),
            ["reward"] = new("train", 11000, 18000),
            ["reward-validation"] = new("train", 18000),
            ["reward-test"] = new("val"),
        },
    };

    /// <summary>conv_A, conv_B, conv_A_rating, conv_B_rating.</summary>
    public static Layout<PreferencePair> Pairs { get; } = new("Unified-Feedback", ["conv_A", "conv_B", "conv_A_rating", "conv_B_rating"], ["source"], Read)
    {
        Sides = [("conv_A_rating", "conv_B_rating")],
    };

    private static PreferencePair Read(RowFields fields)
    {
        var (a, b) = (fields.Number("conv_A_rating"), fields.Number("conv_B_rating"));
        var (better, worse) = a >= b ? ("conv_A", "conv_B") : ("conv_B", "conv_A");
        return CheckedPair.Of(fields, fields.Turns(better), fields.Turns(worse), a == b ? $"both conversations are rated {a}" : null);
    }
}
