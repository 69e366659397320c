using System.Collections.Concurrent;
using UmmRm.Runtime;

namespace UmmRm.Recipes;

/// <summary>One run of a sweep.</summary>
/// <param name="Point">Its place in the grid.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="Recipe">What is run.</param>
/// <param name="Folder">Its run folder.</param>
public sealed record SweepRun(SweepPoint Point, long Seed, Recipe Recipe, string Folder)
{
    /// <summary>Its folder's place in the sweep's, as messages call it.</summary>
    public string Name { get; } = Path.Combine(Point.Name, $"seed-{Seed}");
}

/// <summary>One recipe over seeds, and over a grid of changes to it: a run folder each, POINT/seed-N. Running it again goes on where it was stopped.</summary>
public sealed class Sweep
{
    private Sweep(string folder, IReadOnlyList<SweepPoint> points, IReadOnlyList<long> seeds, IReadOnlyList<SweepRun> runs) => (Folder, Points, Seeds, Runs) = (folder, points, seeds, runs);

    /// <summary>Where everything lies.</summary>
    public string Folder { get; }

    /// <summary>The places of the grid.</summary>
    public IReadOnlyList<SweepPoint> Points { get; }

    /// <summary>The seeds.</summary>
    public IReadOnlyList<long> Seeds { get; }

    /// <summary>Every run: seed by seed, and of each seed point by point.</summary>
    public IReadOnlyList<SweepRun> Runs { get; }

    /// <summary>Plans a sweep; every recipe is read and checked.</summary>
    /// <param name="folder">Where its run folders go.</param>
    /// <param name="points">The places of the grid.</param>
    /// <param name="seeds">The seeds, each once.</param>
    /// <param name="load">Loads the recipe with changes.</param>
    /// <exception cref="ArgumentException">There is no seed, one stands twice, or a change is wrong.</exception>
    public static Sweep Plan(string folder, IReadOnlyList<SweepPoint> points, IReadOnlyList<long> seeds, Func<IReadOnlyList<string>, Recipe> load)
    {
        if (seeds.Count == 0 || seeds.Distinct().Count() < seeds.Count)
            throw new ArgumentException($"seeds are {string.Join(", ", seeds)}; one at least is needed, and each once");
        return new(folder, points, seeds, [.. seeds.SelectMany(seed => points, (seed, point) => new SweepRun(point, seed, load([.. point.Sets, $"seed={seed}"]), Path.Combine(folder, point.Name, $"seed-{seed}")))]);
    }

    /// <summary>The run folders of a point, in the seeds' order.</summary>
    public IReadOnlyList<string> FoldersOf(SweepPoint point) => [.. Runs.Where(run => run.Point == point).Select(run => run.Folder)];

    /// <summary>
    /// Runs everything. Seeds run side by side; the points of one seed follow each other, so that what they have in common is computed once and copied. A run that fails
    /// does not keep the others from running.
    /// </summary>
    /// <param name="pipeline">Runs recipes.</param>
    /// <param name="jobs">How much runs at once: that many seeds, or where there are fewer, stages of a seed.</param>
    /// <param name="optionsOf">How one run is run and who hears of it; jobs, threads, memory and what it may copy are set here.</param>
    /// <param name="cancellation">Stops all.</param>
    /// <exception cref="InvalidDataException">Runs failed; the message names them and the first one's reason.</exception>
    /// <exception cref="IOException">Another process runs a sweep in the folder.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public void Run(Pipeline pipeline, int jobs, Func<SweepRun, RunOptions> optionsOf, CancellationToken cancellation)
    {
        using var owned = RunLock.Take(Folder);
        var seedsAtOnce = Math.Min(jobs, Seeds.Count);
        var failures = new ConcurrentQueue<(SweepRun Run, Exception Reason)>();
        var oneByOne = Partitioner.Create(Seeds.Index(), EnumerablePartitionerOptions.NoBuffering);
        Parallel.ForEach(oneByOne, new ParallelOptions { MaxDegreeOfParallelism = seedsAtOnce, CancellationToken = cancellation }, seed =>
        {
            var own = jobs / seedsAtOnce + (seed.Index < jobs % seedsAtOnce ? 1 : 0);
            foreach (var run in Runs.Where(run => run.Seed == seed.Item))
            {
                try
                {
                    pipeline.Run(run.Recipe, run.Folder, Share(optionsOf(run), run, own, seedsAtOnce), cancellation);
                }
                catch (OperationCanceledException)
                {
                    throw new OperationCanceledException(cancellation);
                }
                catch (Exception e)
                {
                    failures.Enqueue((run, e));
                }
            }
        });
        if (failures.TryPeek(out var first))
            throw new InvalidDataException($"{failures.Count} of {Runs.Count} runs failed ({string.Join(", ", failures.Select(failure => failure.Run.Name))}); the first: {first.Reason.Message.Trim().TrimEnd('.')}. Run it again to go on: what is done is kept.", first.Reason);
    }

    private RunOptions Share(RunOptions options, SweepRun run, int jobs, int seedsAtOnce) => options with
    {
        Jobs = jobs,
        Threads = Math.Max(jobs, (options.Threads ?? Environment.ProcessorCount) / seedsAtOnce),
        MemoryLimit = (options.MemoryLimit ?? ComputeDevice.Memory) / seedsAtOnce,
        CopyFrom = [.. Runs.Where(other => other.Seed == run.Seed && other != run).Select(other => other.Folder)],
    };
}
