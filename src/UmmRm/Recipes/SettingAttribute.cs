namespace UmmRm.Recipes;

/// <summary>
/// Makes a property a key of a recipe and describes it, once: binding, range checks, <c>--set help</c> and the reference page are
/// all made from this. The key is the property's name in snake_case; the default is the value a new record has.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SettingAttribute(string meaning) : Attribute
{
    /// <summary>What the key does, in a sentence.</summary>
    public string Meaning { get; } = meaning;

    /// <summary>Unit of the value, such as <c>tokens</c>; empty when it has none.</summary>
    public string Unit { get; set; } = "";

    /// <summary>The smallest allowed number; NaN for no bound.</summary>
    public double Minimum { get; set; } = double.NaN;

    /// <summary>The largest allowed number; NaN for no bound.</summary>
    public double Maximum { get; set; } = double.NaN;

    /// <summary>A number that the value must exceed; NaN for no bound.</summary>
    public double Above { get; set; } = double.NaN;

    /// <summary>A number that the value must stay below; NaN for no bound.</summary>
    public double Below { get; set; } = double.NaN;

    /// <summary>A name that alternatives share: at most one of them is given, and giving one clears the others' defaults.</summary>
    public string? OneOf { get; set; }

    /// <summary>For a reference: what the named stage has to make.</summary>
    public Artifact Accepts { get; set; }

    /// <summary>For a reference: words, separated by |, that stand for something built in and are neither stages nor paths.</summary>
    public string Words { get; set; } = "";
}
