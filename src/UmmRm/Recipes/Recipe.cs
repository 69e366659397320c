using UmmRm.Data;
namespace UmmRm.Recipes;

/// <summary>A pipeline: named stages and what each one reads. Made by <see cref="RecipeFile"/>, which has checked it.</summary>
public sealed class Recipe
{
    internal Recipe(string name, string description, long seed, IReadOnlyList<Stage> stages) => (Name, Description, Seed, Stages) = (name, description, seed, stages);

    /// <summary>The recipe's name.</summary>
    public string Name { get; }

    /// <summary>What the recipe does, for people.</summary>
    public string Description { get; }

    /// <summary>What all random numbers are derived from.</summary>
    public long Seed { get; }

    /// <summary>The stages in an order in which they can run: each one behind those it reads.</summary>
    public IReadOnlyList<Stage> Stages { get; }

    /// <summary>The stage of a name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public Stage this[string name] => Stages.FirstOrDefault(stage => stage.Name == name)
        ?? throw new ArgumentException($"the recipe {Name} has no stage {SettingText.Quote(name)}{NearestName.Hint(name, [.. Stages.Select(s => s.Name)])}");

    /// <summary>Everything that a stage reads, each once, in the order of its keys.</summary>
    public static IReadOnlyList<InputReference> InputsOf(Stage stage) => [.. StageSettings.References(stage).Distinct()];

    /// <summary>The recipe with nothing left open, as YAML: loading it gives the same recipe.</summary>
    public string ToYaml() => RecipeWriter.Write(this);
}
