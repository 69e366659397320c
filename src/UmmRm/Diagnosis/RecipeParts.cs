using UmmRm.Data;
using UmmRm.Recipes;

namespace UmmRm.Diagnosis;

/// <summary>The models and rows outside a recipe that lie here, each once, and where they meet.</summary>
internal sealed class RecipeParts : IDisposable
{
    private readonly RecipeCase _recipe;
    private readonly OrderedDictionary<string, ModelCase> _models = [];
    private readonly OrderedDictionary<string, DataCase> _data = [];
    private readonly OrderedDictionary<string, (string Name, ReadingCase Reading)> _readings = [];
    private readonly List<(TextStage Stage, string Name, ReadingCase Reading)> _prompts = [];

    public RecipeParts(RecipeCase recipe)
    {
        _recipe = recipe;
        foreach (var stage in recipe.Recipe.Stages)
        {
            foreach (var model in ModelsOf(stage))
                ModelOf(model);
            foreach (var (data, kind, _) in RecipeCase.RowsOf(stage))
                Meet(stage, DataOf(stage, data, kind), kind);
        }
    }

    /// <summary>The models.</summary>
    public IEnumerable<ModelCase> Models => _models.Values;

    /// <summary>The rows.</summary>
    public IEnumerable<DataCase> Data => _data.Values;

    /// <summary>Models reading rows, with a name that says which stage does; equal ways of reading come once.</summary>
    public IEnumerable<(string Name, ReadingCase Reading)> Readings => _readings.Values;

    /// <summary>Policies asked with prompts.</summary>
    public IReadOnlyList<(TextStage Stage, string Name, ReadingCase Reading)> Prompts => _prompts;

    /// <summary>Each model once, with the first rows that it reads, if any.</summary>
    public IEnumerable<ReadingCase> Scorings => _models.Values.Select(model =>
        _readings.Values.Select(known => known.Reading).FirstOrDefault(reading => reading.Model == model) ?? Alone(model));

    /// <summary>Rows trained on and rows measured on, another source's or held out; rows of one file count as two sets where they are named apart.</summary>
    public IEnumerable<LeakCase> Leaks()
    {
        var rows = _recipe.Recipe.Stages.SelectMany(stage => RecipeCase.RowsOf(stage).Select(rows => (rows.Use, Data: DataOf(stage, rows.Data, rows.Kind)))).Where(rows => rows.Data is not null).ToList();
        var between = from trained in rows where trained.Use == RowUse.Trained from measured in rows where measured.Use == RowUse.Measured select (trained.Data!, measured.Data!);
        var held = from stage in _recipe.Recipe.Stages.OfType<TrainingStage>()
                   where stage.HeldOut > 0
                   from read in RecipeCase.RowsOf(stage)
                   let data = DataOf(stage, read.Data, read.Kind)
                   where data is not null
                   select (data, stage.HeldOut);
        return [.. between.Distinct().Select(sets => LeakCase.Between(sets.Item1, sets.Item2)), .. held.Distinct().Select(part => LeakCase.HeldOut(part.data, part.HeldOut))];
    }

    /// <summary>The model outside the recipe that a stage's own goes back to; null where there is none here.</summary>
    public ModelCase? RootOf(Stage stage) => RecipeCase.ModelOf(stage) is { } model && _recipe.Root(model) is { } path ? ModelOf(path) : null;

    public void Dispose()
    {
        foreach (var model in _models.Values)
            model.Dispose();
    }

    private static IEnumerable<string> ModelsOf(Stage stage)
    {
        var rows = StageSettings.Rows(stage).ToHashSet();
        return stage is InitStage ? [] : Recipe.InputsOf(stage).Where(input => !rows.Contains(input)).Select(RecipeCase.Here).OfType<string>(); // of an init stage's input only the tokenizer is read
    }

    private ModelCase ModelOf(string path) => _models.TryGetValue(path, out var known) ? known : _models[path] = new ModelCase(path);

    private DataCase? DataOf(Stage stage, DataInput data, RowKind kind)
    {
        if (data.Path.IsStage || data.Path.IsWord)
            return null;
        var source = StageContext.OutsideSource(data.Path);
        if (!Path.Exists(source.Path) && (_recipe.Outside is null || !HubData.IsFetched(source)))
            return null;
        var options = new ReadOptions { Columns = data.Columns, BadRows = stage is TextStage text ? text.BadRows : BadRows.Error };
        var key = $"{data.Path} {kind} {options.BadRows} {string.Join(",", data.Columns)}";
        return _data.TryGetValue(key, out var known) ? known : _data[key] = new DataCase(source, options, kind, _recipe.Outside);
    }

    /// <summary>A stage's model, or the one outside that it will be made from, reads the stage's rows by the stage's settings.</summary>
    private void Meet(Stage stage, DataCase? data, RowKind kind)
    {
        if (data is null || stage is not TextStage text || RootOf(stage) is not { } root)
            return;
        text = text with { Template = _recipe.Template(text) };
        if (kind == RowKind.Prompts)
            _prompts.Add((text, $"stages.{stage.Name} {Doctor.Name("on", data.Source.ToString())}", new ReadingCase(root, text.Encoder, data)));
        else
            _readings.TryAdd($"{root.Path} {text.Template} {text.MaxLength} {text.OverLength} {data.Source} {kind} {data.BadRows}", ($"stages.{stage.Name} {Doctor.Name("on", data.Source.ToString())}", new ReadingCase(root, text.Encoder, data, text.Template is not null)));
    }

    /// <summary>A model reading made-up texts as the first stage that uses it does.</summary>
    private ReadingCase Alone(ModelCase model)
    {
        if (_recipe.Recipe.Stages.OfType<TextStage>().FirstOrDefault(stage => RootOf(stage) == model) is not { } stage)
            return new ReadingCase(model, folder => folder.Encoder());
        stage = stage with { Template = _recipe.Template(stage) };
        return new ReadingCase(model, stage.Encoder, named: stage.Template is not null);
    }
}
