using UmmRm.Data;
using UmmRm.Models;
using static TorchSharp.torch;

namespace UmmRm.Ppo;

/// <summary>The rollouts of an iteration with the frozen trunk's output of all their tokens, which all passes over them share.</summary>
internal sealed class RolloutBatch(IReadOnlyList<Rollout> rollouts, Tensor? trunk, IReadOnlyList<int> starts) : IDisposable
{
    /// <summary>The rollouts.</summary>
    public IReadOnlyList<Rollout> Rollouts { get; } = rollouts;

    /// <summary>Some of the rollouts, laid out as <paramref name="batch"/>, for a pass.</summary>
    /// <param name="batch">The texts of those rollouts.</param>
    /// <param name="indices">Which they are.</param>
    public ResponseInput Input(TextBatch batch, IEnumerable<int> indices) => Input(batch) with { Trunk = trunk, TrunkStarts = [.. indices.Select(i => starts[i])] };

    /// <summary>Texts for a pass, without a trunk's output.</summary>
    public static ResponseInput Input(TextBatch batch) =>
        new(new TokenInput(batch.Ids, batch.Positions) { Lengths = batch.Lengths }, [.. batch.Texts.Select(text => text.ResponseStart)]);

    /// <inheritdoc/>
    public void Dispose() => trunk?.Dispose();
}
