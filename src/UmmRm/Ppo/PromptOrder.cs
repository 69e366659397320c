using UmmRm.Data;

namespace UmmRm.Ppo;

/// <summary>Which prompts each iteration asks: all of them in random order, then all again in another order, without end.</summary>
/// <param name="count">How many prompts there are, at least one.</param>
/// <param name="seed">Fixes the orders.</param>
internal sealed class PromptOrder(int count, long seed)
{
    private readonly Dictionary<int, int[]> _epochs = [];

    /// <summary>The prompts at places first .. first + number - 1 of the sequence.</summary>
    public int[] Take(long first, int number) => [.. Enumerable.Range(0, number).Select(i => Epoch((int)((first + i) / count))[(first + i) % count])];

    private int[] Epoch(int epoch)
    {
        if (!_epochs.TryGetValue(epoch, out var order))
            _epochs[epoch] = order = [.. BatchPlan.Epoch(count, count, seed, epoch).Single()];
        return order;
    }
}
