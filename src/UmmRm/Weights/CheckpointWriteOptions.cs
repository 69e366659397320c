namespace UmmRm.Weights;

/// <summary>How a model folder is written.</summary>
public sealed record CheckpointWriteOptions
{
    /// <summary>The most data in one file, in bytes, before the weights are split into shards; the default is transformers' 5 GB.</summary>
    public long MaxShardBytes { get; init; } = 5_000_000_000;

    /// <summary>Told the share of the data that is written, from 0 to 1, after every few megabytes.</summary>
    public IProgress<double>? Progress { get; init; }

    /// <summary>Stops the writing; nothing is left behind then.</summary>
    public CancellationToken Cancellation { get; init; }
}
