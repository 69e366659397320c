using System.Collections;

namespace UmmRm.Recipes;

/// <summary>The values of a record's keys, as nodes again and as plain facts.</summary>
internal static class StageSettings
{
    /// <summary>All keys and values; defaults too, and null where a value is null.</summary>
    public static MappingNode ToNode(object record, Func<InputReference, string>? written = null)
    {
        var mapping = new MappingNode(default);
        foreach (var setting in Setting.Of(record.GetType()))
            mapping.Entries[setting.Name] = new MappingEntry(default, Value(setting.Property.GetValue(record), written ?? (reference => reference.ToString())));
        return mapping;
    }

    /// <summary>Every reference in a record, in the order of its keys.</summary>
    public static IEnumerable<InputReference> References(object? value) => value switch
    {
        null or string => [],
        InputReference reference => reference.IsWord ? [] : [reference],
        IDictionary dictionary => dictionary.Values.Cast<object?>().SelectMany(References),
        IEnumerable list => list.Cast<object?>().SelectMany(References),
        _ => Setting.Of(value.GetType()).SelectMany(setting => References(setting.Property.GetValue(value))),
    };

    /// <summary>Every reference to rows in a record.</summary>
    public static IEnumerable<InputReference> Rows(object? value) => value switch
    {
        null or string or InputReference => [],
        DataInput data => data.Path.IsWord ? [] : [data.Path],
        IDictionary dictionary => dictionary.Values.Cast<object?>().SelectMany(Rows),
        IEnumerable list => list.Cast<object?>().SelectMany(Rows),
        _ => Setting.Of(value.GetType()).SelectMany(setting => Rows(setting.Property.GetValue(value))),
    };

    /// <summary>A mapping as one line a value, such as <c>moe.top_k</c> = <c>4</c>: what can be compared and hashed.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Flatten(RecipeNode node, string path) => node switch
    {
        MappingNode mapping => mapping.Entries.SelectMany(e => Flatten(e.Value.Value, path.Length == 0 ? e.Key : $"{path}.{e.Key}")),
        SequenceNode sequence => sequence.Items.Index().SelectMany(i => Flatten(i.Item, $"{path}[{i.Index}]")),
        _ => [new(path, node.IsNull ? "null" : ((ScalarNode)node).Text)],
    };

    private static RecipeNode Value(object? value, Func<InputReference, string> written) => value switch
    {
        null => new ScalarNode("null", plain: true, default),
        string text => new ScalarNode(text, plain: false, default),
        InputReference reference => new ScalarNode(written(reference), plain: false, default),
        IDictionary dictionary => Dictionary(dictionary, written),
        IEnumerable list => new SequenceNode([.. list.Cast<object?>().Select(item => Value(item, written))], default),
        _ when Setting.Of(value.GetType()).Count > 0 => ToNode(value, written),
        _ => new ScalarNode(SettingText.Of(value), plain: false, default),
    };

    private static MappingNode Dictionary(IDictionary dictionary, Func<InputReference, string> written)
    {
        var mapping = new MappingNode(default);
        foreach (DictionaryEntry entry in dictionary)
            mapping.Entries[(string)entry.Key] = new MappingEntry(default, Value(entry.Value, written));
        return mapping;
    }
}
