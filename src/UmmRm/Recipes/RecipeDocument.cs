namespace UmmRm.Recipes;

/// <summary>Makes one mapping of a recipe file, the files it extends, and <c>--set</c> options.</summary>
/// <remarks>
/// <c>settings:</c> holds mappings that stages take over with <c>&lt;&lt;: *name</c>. What an option or an extending file changes
/// there is changed before merging, so every stage that takes it over changes; all else is changed after merging, so nothing but
/// the named place does.
/// </remarks>
internal static class RecipeDocument
{
    private const int LongestChain = 8;
    private const string Extends = "extends", Settings = "settings";

    /// <summary>Reads a file and all it extends.</summary>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is not a recipe's YAML.</exception>
    /// <exception cref="ArgumentException">An option names nothing in the recipe.</exception>
    public static MappingNode Load(string path, IReadOnlyList<RecipeOption> options) => Compose(ReadFile(path), path, [], options, 1);

    /// <summary>The same for a text that extends nothing or paths relative to <paramref name="source"/>.</summary>
    public static MappingNode Parse(string text, string source, IReadOnlyList<RecipeOption> options) => Compose(YamlReader.Read(text, source), source, [], options, 1);

    private static MappingNode Compose(RecipeNode root, string path, MappingNode[] extending, IReadOnlyList<RecipeOption> options, int length)
    {
        if (root is not MappingNode written)
            throw root.Origin.Error($"a recipe is a mapping with the key stages; this is {root.Description}");
        foreach (var overlay in extending.Concat(options.Select(option => option.AsDocument())))
            ChangeSettings(written, overlay);
        var recipe = (MappingNode)YamlReader.Merge(written);
        if (recipe.Entries.Remove(Extends, out var extends))
        {
            if (length >= LongestChain)
                throw extends.KeyOrigin.Error($"more than {LongestChain} recipes extend one another; is there a circle?");
            if (extends.Value is not ScalarNode { IsNull: false } target)
                throw extends.Value.Origin.Error($"extends is {extends.Value.Description}; the path of a recipe, relative to this file, is expected");
            var extended = Path.Combine(Path.GetDirectoryName(path) ?? "", target.Text);
            if (!File.Exists(extended))
                throw extends.Value.Origin.Error($"extends names {SettingText.Quote(target.Text)}, and there is no file {Path.GetFullPath(extended)}");
            return Compose(ReadFile(extended), extended, [recipe, .. extending], options, length + 1);
        }
        foreach (var overlay in extending)
            recipe.Overlay(overlay);
        foreach (var option in options)
        {
            option.CheckAgainst(recipe);
            recipe.Overlay(option.AsDocument());
        }
        LikeStages.Resolve(recipe);
        return recipe;
    }

    private static void ChangeSettings(MappingNode written, MappingNode overlay)
    {
        if (written.Find(Settings) is not MappingNode settings || overlay.Find(Settings) is not MappingNode changes)
            return;
        foreach (var (name, change) in changes.Entries)
        {
            if (settings.Find(name) is MappingNode setting && change.Value is MappingNode values)
                setting.Overlay(values);
        }
    }

    private static RecipeNode ReadFile(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"there is no recipe {path}; relative paths are taken from {Directory.GetCurrentDirectory()}", path);
        if (new FileInfo(path).Length > YamlReader.LongestDocument)
            throw new InvalidDataException($"{path}: the file has {new FileInfo(path).Length} bytes; a recipe has at most {YamlReader.LongestDocument}");
        return YamlReader.Read(File.ReadAllText(path), path);
    }
}
