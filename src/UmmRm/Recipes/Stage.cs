#pragma warning disable CS1591 // each key is described once, in its Setting attribute

namespace UmmRm.Recipes;

/// <summary>One stage of a recipe. A kind of stage is one sealed record: its properties are its keys, and its executor does the work.</summary>
public abstract record Stage
{
    /// <summary>The stage's name in the recipe, which is also its folder's.</summary>
    public string Name { get; init; } = "";

    /// <summary>What the stage leaves in its folder.</summary>
    public abstract IReadOnlyList<Product> Products { get; }

    [Setting("Where random numbers come from: a number, or a name from which and from the recipe's seed it is derived; stages with one name draw the same numbers. null: the stage's own name.")]
    public StageSeed? Seed { get; init; }

    /// <summary>The number that the stage's random numbers start from.</summary>
    public long SeedIn(long recipeSeed) => (Seed ?? new StageSeed(Name)).In(recipeSeed);

    /// <summary>Checks what single keys cannot: whether the values fit each other.</summary>
    /// <exception cref="ArgumentException">They do not; the message begins with the key.</exception>
    internal virtual void CheckTogether()
    {
    }
}

/// <summary>Names a record as a kind of stage.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class StageKindAttribute(string name, string summary) : Attribute
{
    /// <summary>What <c>kind:</c> says.</summary>
    public string Name { get; } = name;

    /// <summary>What the stage does, in a sentence.</summary>
    public string Summary { get; } = summary;
}
