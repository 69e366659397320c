namespace UmmRm.Recipes;

/// <summary>A resolved recipe as flat keys and values, <c>stages.dense.epochs</c> to <c>3</c>: so that two can be laid side by side, whatever version wrote them.</summary>
internal static class RecipeSettings
{
    /// <summary>Every key that has a value, in the file's order.</summary>
    /// <exception cref="InvalidDataException">The text is no YAML mapping.</exception>
    public static OrderedDictionary<string, string> Of(string text, string source)
    {
        var settings = new OrderedDictionary<string, string>();
        foreach (var (key, value) in Flat("", YamlReader.Read(text, source)))
            settings[key] = value;
        return settings;
    }

    private static IEnumerable<(string Key, string Value)> Flat(string key, RecipeNode node) => node switch
    {
        MappingNode { Entries.Count: > 0 } mapping => mapping.Entries.SelectMany(entry => Flat(key.Length == 0 ? entry.Key : $"{key}.{entry.Key}", entry.Value.Value)),
        _ => [(key, Text(node))],
    };

    private static string Text(RecipeNode node) => node switch
    {
        ScalarNode scalar => scalar.Text,
        SequenceNode list => $"[{string.Join(", ", list.Items.Select(Text))}]",
        MappingNode mapping => $"{{{string.Join(", ", mapping.Entries.Select(entry => $"{entry.Key}: {Text(entry.Value.Value)}"))}}}",
        _ => "",
    };
}
