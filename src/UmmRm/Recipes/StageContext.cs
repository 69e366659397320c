using UmmRm.Data;
using UmmRm.Reports;
using UmmRm.Runtime;
using UmmRm.Weights;

namespace UmmRm.Recipes;

/// <summary>What an executor is given besides its stage: where to read and write, its random numbers, when to stop, whom to tell.</summary>
public sealed class StageContext
{
    private readonly Func<string, string> _finishedFolder;
    private readonly Action<string> _note;
    private readonly Action<string> _keep;

    internal StageContext(Recipe recipe, Stage stage, string runFolder, StageFolder folder, Func<string, string> finishedFolder, Lazy<MetricLog> metrics, Action<string> note, Action<string> keep)
    {
        (Recipe, Stage, RunFolder, Folder, WorkFolder, _finishedFolder, _note, _keep) = (recipe, stage, runFolder, folder.Result, folder.Partial, finishedFolder, note, keep);
        Metrics = new StageMetrics(metrics, stage.Name);
        Seed = stage.SeedIn(recipe.Seed);
    }

    /// <summary>The recipe.</summary>
    public Recipe Recipe { get; }

    /// <summary>The stage.</summary>
    public Stage Stage { get; }

    /// <summary>The run's folder.</summary>
    public string RunFolder { get; }

    /// <summary>The stage's lines in the run's metrics.jsonl and TensorBoard's events.</summary>
    public StageMetrics Metrics { get; }

    /// <summary>The folder to write the result to, empty at first. It becomes the stage's own when the executor returns.</summary>
    public string Folder { get; }

    /// <summary>A folder for snapshots, which a stopped stage finds again and which goes when it is done; give sub-folders names other than <c>result</c>.</summary>
    public string WorkFolder { get; }

    /// <summary>Whether <see cref="WorkFolder"/> holds what a stopped run of the very same stage left.</summary>
    public bool Resuming { get; init; }

    /// <summary>The stage's seed: its own, or derived from the recipe's and a name.</summary>
    public long Seed { get; }

    /// <summary>Cancelled when somebody asked to stop: finish the step, save, and throw <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Told how far a long loop has come.</summary>
    public IProgress<ProgressReport>? Progress { get; init; }

    /// <summary>Where models and rows that lie outside the recipe are found.</summary>
    public OutsideInputs Outside { get; init; } = new();

    /// <summary>Random numbers for one purpose, such as <c>head</c> or <c>data order</c>: the same in every stage with this seed.</summary>
    public SeededRandom Random(string purpose) => new SeededRandom(Seed).Fork(purpose);

    /// <summary>Where an input lies: in another stage's folder or outside the run.</summary>
    public string PathOf(InputReference input) => input.IsStage ? Path.Combine(_finishedFolder(input.Target), input.File) : Outside.Model(input.Target, cancellation: Cancellation);

    /// <summary>Where a tokenizer lies; of a model on the hub no more is fetched.</summary>
    public string TokenizerOf(InputReference input) => input.IsStage ? PathOf(input) : Outside.Model(input.Target, tokenizerOnly: true, Cancellation);

    /// <summary>Where rows lie, with their split and slice; the mapping of their columns is the input's own.</summary>
    public DataSource SourceOf(DataInput data)
    {
        return data.Path.IsStage ? Source(PathOf(data.Path), null, data.Path.Slice) : Outside.Rows(OutsideSource(data.Path), Cancellation);
    }

    /// <summary>Rows outside the recipe, as they are named.</summary>
    internal static DataSource OutsideSource(InputReference input) => Source(input.Target, input.Part, input.Slice);

    private static DataSource Source(string path, string? part, string? slice) => part is null && slice is null ? new DataSource(path) : DataSource.Parse($"{path}:{part}{slice}");

    /// <summary>Where to write a product of this stage; the folder itself for a kind that makes one thing of files with fixed names.</summary>
    /// <exception cref="ArgumentException">The stage makes no such thing.</exception>
    public string Output(string part = "") => Stage.Products.FirstOrDefault(product => product.Part == part) is { } product
        ? Path.Combine(Folder, product.Path)
        : throw new ArgumentException($"stages.{Stage.Name} makes no '{part}'; it makes {string.Join(", ", Stage.Products.Select(p => $"'{p.Part}'"))}");

    /// <summary>How to write a model folder so that it can be watched and stopped.</summary>
    /// <param name="what">What is being done, in a word.</param>
    public CheckpointWriteOptions WriteOptions(string what) => new()
    {
        Cancellation = Cancellation,
        Progress = Progress is { } progress ? new WriteProgress(share => progress.Report(new ProgressReport($"{Stage.Name}: {what}", (long)(100 * share), 100, "%"))) : null,
    };

    /// <summary>Says a line about what happens, for people: a count, a result.</summary>
    public void Note(string line) => _note(line);

    /// <summary>Says a line, and keeps it with the result, because whoever reads that should know it: dropped rows, prompts that are in the training data.</summary>
    public void Warn(string line)
    {
        _note(line);
        _keep(line);
    }

    private sealed class WriteProgress(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
