namespace UmmRm.Figures;

/// <summary>What a method's reward is: methods of one family have shades of one colour.</summary>
public enum MethodFamily
{
    /// <summary>One ordinary reward model, with which everything is compared.</summary>
    Dense,

    /// <summary>A mixture merged into a dense model.</summary>
    Merged,

    /// <summary>A mixture as it is.</summary>
    Mixture,

    /// <summary>Several models' scores combined.</summary>
    Ensemble,

    /// <summary>Several models' parameters averaged.</summary>
    Average,

    /// <summary>Anything else.</summary>
    Other,
}

/// <summary>
/// The colours of all figures. Hues are those of Okabe and Ito's set, which people with any kind of colour vision tell apart; within a family brightness differs. Dense is drawn in the text's own colour.
/// </summary>
public static class Palette
{
    private static readonly Dictionary<MethodFamily, (string Light, string Dark)[]> Families = new()
    {
        [MethodFamily.Dense] = [("#1b1f24", "#f2f4f7"), ("#7b838d", "#9aa3ae"), ("#949ca6", "#7c8590")],
        [MethodFamily.Merged] = [("#0072b2", "#56b4e9"), ("#4aa3d9", "#9fd6f7"), ("#004a75", "#2f8fd0"), ("#5f97b5", "#7aa7c2")],
        [MethodFamily.Mixture] = [("#8e4b9e", "#cf8fe0"), ("#b988c4", "#e6bdf0"), ("#5d2a6b", "#a864ba")],
        [MethodFamily.Ensemble] = [("#d98200", "#f0a830"), ("#a85a00", "#d48a3c"), ("#d4a94a", "#ead08a")],
        [MethodFamily.Average] = [("#00896a", "#2fc39b"), ("#5db59d", "#8fe0c8")],
        [MethodFamily.Other] = [("#c2476f", "#f08cae"), ("#c4502a", "#f0825a"), ("#7a6a2f", "#c9b86a"), ("#4d6b4d", "#9cc49c")],
    };

    /// <summary>Texts, and the lines of axes.</summary>
    public static Ink Text { get; } = new("text", "#1b1f24", "#e6e9ee");

    /// <summary>Texts that step back.</summary>
    public static Ink Muted { get; } = new("muted", "#5d6671", "#9aa3ae");

    /// <summary>Lines behind the data.</summary>
    public static Ink Grid { get; } = new("grid", "#e3e6ea", "#2c333b");

    /// <summary>The page itself.</summary>
    public static Ink Surface { get; } = new("surface", "#ffffff", "#14181d");

    /// <summary>Cells above zero.</summary>
    public static Ink Above { get; } = new("above", "#d55e00", "#e8804a");

    /// <summary>Cells below zero.</summary>
    public static Ink Below { get; } = new("below", "#0072b2", "#56b4e9");

    /// <summary>Every ink there is, for style sheets.</summary>
    public static IEnumerable<Ink> All => [Text, Muted, Grid, Surface, Above, Below, .. Families.SelectMany(family => family.Value.Select((_, shade) => Of(family.Key, shade)))];

    /// <summary>The colour of a method.</summary>
    /// <param name="family">What its reward is.</param>
    /// <param name="shade">Which one of that family it is, from 0; beyond the shades there are, they repeat.</param>
    public static Ink Of(MethodFamily family, int shade)
    {
        var shades = Families[family];
        var (light, dark) = shades[shade % shades.Length];
        return new Ink($"{family.ToString().ToLowerInvariant()}-{shade % shades.Length}", light, dark);
    }
}
