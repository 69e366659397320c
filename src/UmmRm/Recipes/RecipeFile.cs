using System.Globalization;
using UmmRm.Data;

namespace UmmRm.Recipes;

/// <summary>
/// Reads recipes: YAML with <c>name</c>, <c>description</c>, <c>seed</c>, <c>data</c> (variables for <c>${data.NAME}</c>), <c>settings</c> (mappings for
/// <c>&lt;&lt;: *name</c>), <c>stages</c>, and <c>extends</c> (the path of a recipe, relative to the file, that this one changes). Other relative paths count from the current directory.
/// </summary>
public static class RecipeFile
{
    /// <summary>Reads and checks a recipe.</summary>
    /// <param name="path">The file.</param>
    /// <param name="sets">Changes, <c>a.b=c</c> each, such as <c>stages.sft.epochs=1</c>, <c>settings.reward.epochs=1</c>, <c>data.root=./pairs</c>, <c>seed=3</c>.</param>
    /// <exception cref="FileNotFoundException">The file is missing.</exception>
    /// <exception cref="InvalidDataException">It is not a recipe; the message names file, line, key, what was found and what was expected.</exception>
    /// <exception cref="ArgumentException">A change is wrong; the message names it.</exception>
    public static Recipe Load(string path, IEnumerable<string>? sets = null) =>
        Read(RecipeDocument.Load(path, Options(sets)), Path.GetFileNameWithoutExtension(path));

    /// <summary>The same for a text.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="source">What messages call it; paths after <c>extends</c> are relative to it.</param>
    /// <param name="sets">Changes.</param>
    /// <exception cref="InvalidDataException">It is not a recipe.</exception>
    /// <exception cref="ArgumentException">A change is wrong.</exception>
    public static Recipe Parse(string text, string source, IEnumerable<string>? sets = null) =>
        Read(RecipeDocument.Parse(text, source, Options(sets)), "recipe");

    /// <summary>A recipe of one stage, as the verbs sft, reward, ... run it.</summary>
    /// <param name="kind">The kind of stage.</param>
    /// <param name="name">The stage's name, which is also its folder's.</param>
    /// <param name="sets">The stage's keys, <c>key=value</c> each: <c>model=./sft</c>, <c>data.path=./pairs.jsonl</c>, <c>epochs=1</c>.</param>
    /// <param name="seed">The recipe's seed.</param>
    /// <exception cref="ArgumentException">There is no such kind, or a key or value is wrong.</exception>
    public static Recipe OneStage(string kind, string name, IEnumerable<string> sets, long seed = 0) => OfStages(kind, [new(kind, name, [.. sets])], seed);

    /// <summary>A recipe of a few stages, which may name each other.</summary>
    /// <param name="recipe">The recipe's name.</param>
    /// <param name="stages">The stages.</param>
    /// <param name="seed">The recipe's seed.</param>
    /// <exception cref="ArgumentException">There is no such kind, or a key or value is wrong.</exception>
    public static Recipe OfStages(string recipe, IEnumerable<StageOptions> stages, long seed = 0)
    {
        var all = new MappingNode(Origin.Option(recipe));
        foreach (var (kind, name, sets) in stages)
        {
            var origin = Origin.Option(kind);
            var stage = new MappingNode(origin);
            stage.Entries["kind"] = new MappingEntry(origin, new ScalarNode(kind, plain: false, origin));
            foreach (var option in Options(sets))
                stage.Overlay(option.AsDocument());
            all.Entries[name] = new MappingEntry(origin, stage);
        }
        return new Recipe(recipe, "", seed, new StageBinder(all, all.Origin).Bind());
    }

    private static RecipeOption[] Options(IEnumerable<string>? sets) => [.. (sets ?? []).Select(RecipeOption.Parse)];

    private static Recipe Read(MappingNode document, string defaultName)
    {
        string[] keys = ["name", "description", "seed", "data", "settings", "stages"];
        if (document.Entries.FirstOrDefault(e => !keys.Contains(e.Key)) is { Key: { } unknown } entry)
            throw entry.Value.KeyOrigin.Error($"{unknown} is not a key of a recipe{NearestName.Hint(unknown, [.. keys, "extends"])}");
        if (document.Find("settings") is { IsNull: false } and not MappingNode)
            throw document.Find("settings")!.Origin.Error("settings holds mappings that stages take over with <<: *name; a mapping is expected");
        var variables = new RecipeVariables(document.Find("data"));
        var stages = document.Find("stages") is { } written ? variables.Fill(written) : null;
        return new Recipe(Text(document, "name") ?? defaultName, Text(document, "description") ?? "", Seed(document), new StageBinder(stages, document.Origin).Bind());
    }

    private static string? Text(MappingNode document, string key) => document.Find(key) switch
    {
        null or { IsNull: true } => null,
        ScalarNode scalar => scalar.Text,
        var other => throw other.Origin.Error($"{key} is {other.Description}; a text is expected"),
    };

    private static long Seed(MappingNode document)
    {
        if (Text(document, "seed") is not { } text)
            return 0;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
            ? seed
            : throw document.Find("seed")!.Origin.Error($"seed is {SettingText.Quote(text)}; a whole number from 0 is expected");
    }
}

/// <summary>A stage as a command line gives it.</summary>
/// <param name="Kind">The kind of stage.</param>
/// <param name="Name">The stage's name.</param>
/// <param name="Sets">Its keys, <c>key=value</c> each.</param>
public sealed record StageOptions(string Kind, string Name, IReadOnlyList<string> Sets);
