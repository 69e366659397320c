namespace UmmRm.Data;

/// <summary>Unified-Feedback: two whole conversations, <c>conv_A</c> and <c>conv_B</c>, and their ratings; equal ratings are a tie.</summary>
internal static class UnifiedFeedback
{
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
