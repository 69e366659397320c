using static TorchSharp.torch;

namespace UmmRm.Data;

/// <summary>A text as token ids, and where its response begins.</summary>
/// <param name="Ids">The whole text, special tokens and end marker included.</param>
/// <param name="ResponseStart">Index of the response's first token: 1 .. Ids.Length - 1 where there is one to learn.</param>
/// <param name="Index">Position in the data it came from.</param>
public sealed record EncodedText(int[] Ids, int ResponseStart, int Index = 0);

/// <summary>Texts as right-padded tensors, for scoring and for supervised fine-tuning.</summary>
public sealed class TextBatch : IDisposable
{
    private TextBatch(RowTensors rows, IReadOnlyList<EncodedText> texts, int width, Device device)
    {
        Texts = texts;
        (Ids, Positions, Ends, Weights) = rows.ToTensors(device);
        Tokens = rows.Tokens;
        Lengths = rows.Lengths;
        var at = new List<long>();
        var targets = new List<long>();
        for (var row = 0; row < texts.Count; row++)
        {
            for (var i = Math.Max(1, texts[row].ResponseStart); i < texts[row].Ids.Length; i++)
            {
                at.Add((long)row * width + i - 1);
                targets.Add(texts[row].Ids[i]);
            }
        }
        PredictAt = tensor(at, device: device);
        Targets = tensor(targets, device: device);
    }

    /// <summary>The texts, in row order.</summary>
    public IReadOnlyList<EncodedText> Texts { get; }

    /// <summary>[b, t] int64 ids.</summary>
    public Tensor Ids { get; }

    /// <summary>[b, t] int64 positions.</summary>
    public Tensor Positions { get; }

    /// <summary>[b, 1] int64: each text's last token.</summary>
    public Tensor Ends { get; }

    /// <summary>Real tokens of each row; the padding stands on the right.</summary>
    public IReadOnlyList<int> Lengths { get; }

    /// <summary>[b, t] float32: 1 for real tokens, 0 for padding.</summary>
    public Tensor Weights { get; }

    /// <summary>[m] int64 indices into the flattened [b t]: the positions that predict a response token.</summary>
    public Tensor PredictAt { get; }

    /// <summary>[m] int64: the response tokens predicted there.</summary>
    public Tensor Targets { get; }

    /// <summary>Real tokens of the batch.</summary>
    public long Tokens { get; }

    /// <summary>Lays out texts, right-padded with <paramref name="padId"/>.</summary>
    public static TextBatch Create(IReadOnlyList<EncodedText> texts, int padId, Device? device = null)
    {
        var width = texts.Max(text => text.Ids.Length);
        var rows = new RowTensors(texts.Count, width, 1, padId);
        for (var row = 0; row < texts.Count; row++)
            rows.AddText(row, texts[row].Ids);
        return new TextBatch(rows, texts, width, device ?? CPU);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in (Tensor[])[Ids, Positions, Ends, Weights, PredictAt, Targets])
            tensor.Dispose();
    }
}
