using UmmRm.Data;
using UmmRm.Rewards;

namespace UmmRm.Recipes;

/// <summary>Scores of models by folder and list of completions: a model that stands alone in a table and in three ensembles is loaded and asked once.</summary>
internal sealed class ScoreMemory
{
    private readonly Dictionary<(string Folder, IReadOnlyList<Completion> Completions), double[]> _scores = new(new SameList());

    /// <summary>A model's reward that remembers.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="name">For logs and reports.</param>
    /// <param name="open">Loads it; called when a list of completions is new, and given back after it is scored.</param>
    public IRewardFunction Of(string folder, string name, Func<IRewardFunction> open) => new Remembering(this, Path.GetFullPath(folder), name, open);

    private sealed class Remembering(ScoreMemory memory, string folder, string name, Func<IRewardFunction> open) : IRewardFunction
    {
        public string Name => name;

        public double[] Score(IReadOnlyList<Completion> completions, CancellationToken cancellation = default)
        {
            if (memory._scores.TryGetValue((folder, completions), out var known))
                return known;
            using var reward = open();
            return memory._scores[(folder, completions)] = reward.Score(completions, cancellation);
        }
    }

    /// <summary>A list is known again as the same object; its texts are not compared.</summary>
    private sealed class SameList : IEqualityComparer<(string Folder, IReadOnlyList<Completion> Completions)>
    {
        public bool Equals((string Folder, IReadOnlyList<Completion> Completions) x, (string Folder, IReadOnlyList<Completion> Completions) y) =>
            x.Folder == y.Folder && ReferenceEquals(x.Completions, y.Completions);

        public int GetHashCode((string Folder, IReadOnlyList<Completion> Completions) key) =>
            HashCode.Combine(key.Folder, System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(key.Completions));
    }
}
