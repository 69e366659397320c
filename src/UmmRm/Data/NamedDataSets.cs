namespace UmmRm.Data;

/// <summary>The data sets that are known by name.</summary>
public static class NamedDataSets
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<NamedDataSet> All { get; } = [AnthropicHh.Harmless, AnthropicHh.Helpful, UnifiedFeedback.WebGpt, AlpacaFarm.Set, UltraFeedback.Set, PkuSafeRlhf.Set, HelpSteer.Set];

    /// <summary>Their names, for messages.</summary>
    public static string Names => string.Join(", ", All.Select(set => set.Name));

    /// <summary>The data set of a name, or null.</summary>
    public static NamedDataSet? Find(string name) => All.FirstOrDefault(set => set.Name == name);
}
