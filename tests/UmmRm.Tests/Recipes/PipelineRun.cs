using System.Text.Json;
using UmmRm.Recipes;

namespace UmmRm.Tests.Recipes;

/// <summary>A recipe in a temporary run folder with executors that write a line, and what they did.</summary>
internal sealed class PipelineRun : IDisposable
{
    private readonly TemporaryFolder _temporary = new();
    private readonly string _yaml;

    public PipelineRun(string yaml)
    {
        _yaml = yaml;
        Input = _temporary.Write("input.txt", "input 1");
        Words = new LineExecutor(stage => ((TokenizerStage)stage).Data[0].Path);
        Init = new LineExecutor(stage => ((InitStage)stage).Tokenizer);
        Sft = new LineExecutor(stage => ((SftStage)stage).Model) { Resumes = true };
    }

    public string Folder => Path.Combine(_temporary.Path, "run");

    public string Input { get; private set; }

    public LineExecutor Words { get; }

    public LineExecutor Init { get; }

    public LineExecutor Sft { get; }

    public Recipe Recipe { get; private set; } = null!;

    public List<RunEvent> Events { get; } = [];

    public JsonElement Record => JsonDocument.Parse(System.IO.File.ReadAllText(File("run.json"))).RootElement;

    public string File(string name) => Path.Combine(Folder, name);

    public void MoveInput(string name)
    {
        var moved = Path.Combine(_temporary.Path, name);
        System.IO.File.Move(Input, moved);
        Input = moved;
    }

    /// <summary>Runs the recipe and tells which stages were done.</summary>
    public IEnumerable<string> Go(params string[] sets) => Go(new RunOptions(), sets);

    public IEnumerable<string> Go(RunOptions options, params string[] sets)
    {
        Events.Clear();
        Run(options, sets);
        return [.. Events.OfType<StageFinished>().Select(e => e.Stage)];
    }

    /// <summary>Runs the recipe, while it runs or after.</summary>
    public void Run(RunOptions options, params string[] sets)
    {
        Recipe = RecipeFile.Parse(_yaml.Replace("INPUT", Input, StringComparison.Ordinal), "r.yaml", sets);
        var executors = new StageExecutors().Add<TokenizerStage>(Words).Add<InitStage>(Init).Add<SftStage>(Sft);
        new Pipeline(executors).Run(Recipe, Folder, options with { Events = Events.Add }, TestContext.Current.CancellationToken);
    }

    public void Dispose() => _temporary.Dispose();

    /// <summary>Writes "NAME of what its input says", in four steps of which it remembers those done.</summary>
    internal sealed class LineExecutor(Func<Stage, InputReference> inputOf) : IStageExecutor<TokenizerStage>, IStageExecutor<InitStage>, IStageExecutor<SftStage>
    {
        public int Revision { get; set; }

        public bool Resumes { get; init; }

        public bool Fails { get; set; }

        public int StopAfter { get; set; } = int.MaxValue;

        public Action? During { get; set; }

        public List<int> Steps { get; } = [];

        public ulong Draw { get; private set; }

        public void Execute(TokenizerStage stage, StageContext context) => Write(stage, context);

        public void Execute(InitStage stage, StageContext context) => Write(stage, context);

        public void Execute(SftStage stage, StageContext context) => Write(stage, context);

        void IStageExecutor.Execute(Stage stage, StageContext context) => Write(stage, context);

        private void Write(Stage stage, StageContext context)
        {
            Draw = context.Random("head").NextUInt64();
            During?.Invoke();
            var memory = Path.Combine(context.WorkFolder, "steps.txt");
            Assert.Equal(context.Resuming, System.IO.File.Exists(memory));
            var done = context.Resuming ? int.Parse(System.IO.File.ReadAllText(memory), System.Globalization.CultureInfo.InvariantCulture) : 0;
            while (done < 4)
            {
                if (done == StopAfter)
                    throw new OperationCanceledException();
                Steps.Add(++done);
                if (Resumes)
                    System.IO.File.WriteAllText(memory, $"{done}");
            }
            var input = context.PathOf(inputOf(stage));
            System.IO.File.WriteAllText(Path.Combine(context.Output(), "out.txt"), $"{stage.Name} of {System.IO.File.ReadAllText(Directory.Exists(input) ? Path.Combine(input, "out.txt") : input)}");
            if (Fails)
                throw new InvalidDataException("the disk is full of ducks");
        }
    }
}
