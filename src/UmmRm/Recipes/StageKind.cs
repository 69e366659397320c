using System.Reflection;

namespace UmmRm.Recipes;

/// <summary>A kind of stage and its keys: whatever record of this library carries a <see cref="StageKindAttribute"/>.</summary>
public sealed class StageKind
{
    private StageKind(Type type, StageKindAttribute attribute) => (Type, Name, Summary) = (type, attribute.Name, attribute.Summary);

    /// <summary>All kinds, by name.</summary>
    public static IReadOnlyList<StageKind> All { get; } =
    [
        .. typeof(Stage).Assembly.GetTypes()
            .Select(type => (Type: type, Attribute: type.GetCustomAttribute<StageKindAttribute>()))
            .Where(kind => kind.Attribute is not null)
            .Select(kind => new StageKind(kind.Type, kind.Attribute!))
            .OrderBy(kind => kind.Name, StringComparer.Ordinal),
    ];

    /// <summary>What <c>kind:</c> says.</summary>
    public string Name { get; }

    /// <summary>What the stage does, in a sentence.</summary>
    public string Summary { get; }

    /// <summary>The record's type.</summary>
    public Type Type { get; }

    /// <summary>The keys besides <c>kind</c>: inputs first, what all kinds share last.</summary>
    public IReadOnlyList<Setting> Settings => Setting.Of(Type);

    /// <summary>The kind of a name, or null.</summary>
    public static StageKind? Find(string name) => All.FirstOrDefault(kind => kind.Name == name);

    /// <summary>The kind of a stage.</summary>
    public static StageKind Of(Stage stage) => All.First(kind => kind.Type == stage.GetType());
}
