using UmmRm.Hub;

namespace UmmRm.Data;

/// <summary>UltraFeedback, binarized: TRL's explicit layout with two scores, whose difference is the margin; equal scores are a tie.</summary>
internal static class UltraFeedback
{
    /// <summary>The published splits; those for pairs end with <c>_prefs</c>. The repository's card (main) names the six splits, as <c>data/SPLIT-*</c>.</summary>
    public static NamedDataSet Set { get; } = new()
    {
        Name = "ultrafeedback",
        Repository = new HubRepository(HubKind.DataSet, "HuggingFaceH4/ultrafeedback_binarized"),
        Published = NamedDataSet.EachAlone("train_prefs", "test_prefs", "train_sft", "test_sft", "train_gen", "test_gen"),
    };
}
