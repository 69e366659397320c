namespace UmmRm.Data;

/// <summary>A preference pair as token ids: what the reward model reads.</summary>
/// <param name="Chosen">Ids of prompt and chosen response, special tokens and end marker included.</param>
/// <param name="Rejected">Ids of prompt and rejected response.</param>
/// <param name="Index">Position of the pair in the data it came from.</param>
public sealed record EncodedPair(int[] Chosen, int[] Rejected, int Index = 0)
{
    /// <summary>m in the margin loss, 0 for none.</summary>
    public double Margin { get; init; }

    /// <summary>Probability that the chosen response is the better one.</summary>
    public double Label { get; init; } = 1;

    /// <summary>Tokens that both texts begin with, at least one short of either text, so that each keeps an end of its own.</summary>
    public int SharedPrefix { get; } = Math.Min(Chosen.AsSpan().CommonPrefixLength(Rejected), Math.Min(Chosen.Length, Rejected.Length) - 1);

    /// <summary>Tokens of the pair when the shared prefix stands once.</summary>
    public int RowLength => Chosen.Length + Rejected.Length - SharedPrefix;
}
