namespace UmmRm.Recipes;

/// <summary>A run folder as a reader finds it, finished or not: run.json, the recipe, and for each stage where its results lie now.</summary>
internal sealed class RunFolder
{
    private RunFolder(string path, RunRecord record, Recipe? recipe, string recipeText, string? trouble) => (Path, Record, Recipe, RecipeText, Trouble) = (path, record, recipe, recipeText, trouble);

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>What run.json says.</summary>
    public RunRecord Record { get; }

    /// <summary>The recipe, or null when this version cannot read it.</summary>
    public Recipe? Recipe { get; }

    /// <summary>Its text.</summary>
    public string RecipeText { get; }

    /// <summary>Why the recipe cannot be read.</summary>
    public string? Trouble { get; }

    /// <summary>Whether a folder is one.</summary>
    public static bool IsOne(string path) => File.Exists(System.IO.Path.Combine(path, RunRecord.FileName));

    /// <summary>Reads a run folder.</summary>
    /// <exception cref="FileNotFoundException">It has no run.json.</exception>
    /// <exception cref="InvalidDataException">run.json is damaged.</exception>
    public static RunFolder Open(string path)
    {
        var file = System.IO.Path.Combine(path, RunRecord.FileName);
        if (!File.Exists(file))
            throw new FileNotFoundException($"{path} is no run folder: it has no {RunRecord.FileName}; name a folder that run, demo or another verb with --output made, or one that sweep made", file);
        var record = RunJson.ReadIfWhole<RunRecord>(file) ?? throw new InvalidDataException($"{file}: it is no run.json as a run writes it; run the recipe again into this folder, finished stages are kept");
        var recipeFile = System.IO.Path.Combine(path, "recipe.resolved.yaml");
        var text = File.Exists(recipeFile) ? File.ReadAllText(recipeFile) : "";
        try
        {
            return new(path, record, text.Length == 0 ? null : RecipeFile.Parse(text, recipeFile), text, text.Length == 0 ? $"{recipeFile} is not there: what follows from the recipe is left out" : null);
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException)
        {
            return new(path, record, null, text, $"The recipe was written by another version and cannot be read, so that what follows from it is left out: {e.Message}");
        }
    }

    /// <summary>The names of the stages of a kind, in their order.</summary>
    public IEnumerable<string> StagesOf(string kind) => Record.Stages.Where(stage => stage.Value.Kind == kind).Select(stage => stage.Key);

    /// <summary>A file or folder of a finished stage, or null when it is not there.</summary>
    public string? Finished(string stage, string name)
    {
        var path = System.IO.Path.Combine(Path, stage, name);
        return System.IO.Path.Exists(path) ? path : null;
    }

    /// <summary>The same; of a stage at work what it has written so far.</summary>
    public string? Latest(string stage, string name)
    {
        var working = System.IO.Path.Combine(Path, $"{stage}.partial", name);
        return Finished(stage, name) ?? (System.IO.Path.Exists(working) ? working : null);
    }

    /// <summary>When anything that a report reads was last written.</summary>
    public DateTime LastWritten()
    {
        IEnumerable<string> files = [System.IO.Path.Combine(Path, RunRecord.FileName), .. Record.Stages.Keys.SelectMany(stage => new[] { System.IO.Path.Combine(Path, stage, "stage.json"), System.IO.Path.Combine(Path, $"{stage}.partial", "curve.json") })];
        return files.Where(File.Exists).Select(File.GetLastWriteTimeUtc).Max();
    }
}
