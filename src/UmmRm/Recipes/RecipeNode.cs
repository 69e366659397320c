namespace UmmRm.Recipes;

/// <summary>A piece of YAML: a text, a list or a mapping, and where it was written.</summary>
internal abstract class RecipeNode(Origin origin)
{
    public Origin Origin { get; } = origin;

    /// <summary>What this is, for messages.</summary>
    public abstract string Description { get; }

    public virtual bool IsNull => false;
}

/// <summary>A text. Numbers and words are texts too, until a key's type says what they are.</summary>
internal sealed class ScalarNode(string text, bool plain, Origin origin) : RecipeNode(origin)
{
    public string Text { get; } = text;

    /// <summary>Whether it was written without quotes, so that null and ~ mean nothing.</summary>
    public bool Plain { get; } = plain;

    public override bool IsNull => Plain && Text is ("" or "~" or "null");

    public override string Description => IsNull ? "null" : SettingText.Quote(Text);
}

/// <summary>A list.</summary>
internal sealed class SequenceNode(IReadOnlyList<RecipeNode> items, Origin origin) : RecipeNode(origin)
{
    public IReadOnlyList<RecipeNode> Items { get; } = items;

    public override string Description => "a list";
}

/// <summary>A mapping; its keys are in the order of the file.</summary>
internal sealed class MappingNode(Origin origin) : RecipeNode(origin)
{
    public OrderedDictionary<string, MappingEntry> Entries { get; } = [];

    public override string Description => "a mapping";

    public RecipeNode? Find(string key) => Entries.TryGetValue(key, out var entry) ? entry.Value : null;

    /// <summary>Takes over another mapping's entries: where both have a mapping, recursively; elsewhere the other's value counts.</summary>
    public void Overlay(MappingNode other)
    {
        foreach (var (key, entry) in other.Entries)
        {
            if (Find(key) is MappingNode mine && entry.Value is MappingNode theirs)
                mine.Overlay(theirs);
            else
                Entries[key] = entry;
        }
    }
}

/// <summary>A key's place and its value.</summary>
internal readonly record struct MappingEntry(Origin KeyOrigin, RecipeNode Value);
