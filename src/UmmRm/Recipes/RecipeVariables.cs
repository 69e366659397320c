using System.Text.RegularExpressions;
using UmmRm.Data;

namespace UmmRm.Recipes;

/// <summary>The recipe's <c>data:</c> section: texts that stand wherever a stage says <c>${data.NAME}</c>.</summary>
internal sealed partial class RecipeVariables
{
    private const int LongestText = 1 << 16;
    private readonly MappingNode? _section;
    private readonly HashSet<string> _open = [];

    /// <summary>The variables of a section, or of none.</summary>
    public RecipeVariables(RecipeNode? section)
    {
        if (section is not (null or MappingNode or { IsNull: true }))
            throw section.Origin.Error($"data is {section.Description}; a mapping from names to values is expected");
        _section = section as MappingNode;
        foreach (var (name, entry) in _section?.Entries ?? [])
        {
            if (entry.Value is not ScalarNode)
                throw entry.Value.Origin.Error($"data.{name} is {entry.Value.Description}; a single value is expected");
        }
    }

    /// <summary>A copy of a piece of the recipe with every variable replaced.</summary>
    public RecipeNode Fill(RecipeNode node)
    {
        switch (node)
        {
            case ScalarNode scalar when scalar.Text.Contains("${", StringComparison.Ordinal):
                return new ScalarNode(Fill(scalar.Text, scalar.Origin), scalar.Plain, scalar.Origin);
            case SequenceNode sequence:
                return new SequenceNode([.. sequence.Items.Select(Fill)], sequence.Origin);
            case MappingNode mapping:
                var copy = new MappingNode(mapping.Origin);
                foreach (var (key, entry) in mapping.Entries)
                    copy.Entries[key] = entry with { Value = Fill(entry.Value) };
                return copy;
            default:
                return node;
        }
    }

    private string Fill(string text, Origin origin)
    {
        var filled = Variable().Replace(text, match => match.Groups[1].Success ? Value(match.Groups[1].Value, origin)
            : throw origin.Error($"{SettingText.Quote(text)} holds a ${{ that is not ${{data.NAME}}"));
        return filled.Length <= LongestText ? filled : throw origin.Error($"with its variables replaced this has {filled.Length} characters; at most {LongestText} are allowed");
    }

    private string Value(string name, Origin origin)
    {
        if (_section is null || _section.Find(name) is not ScalarNode value)
            throw origin.Error($"${{data.{name}}} is not defined{NearestName.Hint(name, _section?.Entries.Keys.ToArray() ?? [])}");
        if (value.IsNull)
            throw origin.Error($"data.{name} has no value; give it one with --set data.{name}=...");
        if (!_open.Add(name))
            throw value.Origin.Error($"data.{name} is defined by itself");
        var filled = Fill(value.Text, value.Origin);
        _open.Remove(name);
        return filled;
    }

    [GeneratedRegex(@"\$\{(?:data\.([A-Za-z][A-Za-z0-9_-]*)\})?", RegexOptions.CultureInvariant)]
    private static partial Regex Variable();
}
