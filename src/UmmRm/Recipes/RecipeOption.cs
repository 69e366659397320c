using UmmRm.Data;
namespace UmmRm.Recipes;

/// <summary>One <c>--set a.b=c</c>: a value for a place in the recipe, or in a single stage.</summary>
internal sealed class RecipeOption
{
    private readonly string[] _path;
    private readonly RecipeNode _value;

    private RecipeOption(string[] path, RecipeNode value) => (_path, _value) = (path, value);

    /// <summary>Reads <c>a.b=c</c>. A value in [] or {} is YAML; any other is a text as it stands.</summary>
    /// <exception cref="ArgumentException">There is no =, or a name or the value is malformed.</exception>
    public static RecipeOption Parse(string option)
    {
        var origin = Origin.Option($"--set {option}");
        var equals = option.IndexOf('=', StringComparison.Ordinal);
        var path = option[..Math.Max(0, equals)].Split('.');
        if (equals < 0 || path.Any(string.IsNullOrWhiteSpace))
            throw origin.Error("KEY=VALUE is expected, such as stages.sft.epochs=1");
        var value = option[(equals + 1)..];
        return new RecipeOption([.. path.Select(name => name.Trim())], value is ['[', ..] or ['{', ..] ? ReadYaml(value, origin) : new ScalarNode(value, plain: true, origin));
    }

    /// <summary>The option as a document with only this value.</summary>
    public MappingNode AsDocument()
    {
        var value = _value;
        foreach (var name in _path.Reverse())
        {
            var outer = new MappingNode(_value.Origin);
            outer.Entries[name] = new MappingEntry(_value.Origin, value);
            value = outer;
        }
        return (MappingNode)value;
    }

    /// <summary>Refuses an option that would change nothing because its first two names are not in the recipe.</summary>
    /// <exception cref="ArgumentException">They are not; the message suggests one that is.</exception>
    public void CheckAgainst(MappingNode recipe)
    {
        string[] sections = ["data", "settings", "stages"];
        string[] tops = ["name", "description", "seed", .. sections];
        if (!tops.Contains(_path[0]))
            throw _value.Origin.Error($"a recipe has no {_path[0]}{NearestName.Hint(_path[0], tops)}");
        if (!sections.Contains(_path[0]))
            return;
        var names = (recipe.Find(_path[0]) as MappingNode)?.Entries.Keys.ToArray() ?? [];
        if (_path.Length < 2)
            throw _value.Origin.Error($"{_path[0]} is a mapping; name what to set in it, such as {_path[0]}.{names.FirstOrDefault() ?? "name"}");
        if (!names.Contains(_path[1]))
            throw _value.Origin.Error($"the recipe has no {_path[0]}.{_path[1]}{NearestName.Hint(_path[1], names)}");
    }

    private static RecipeNode ReadYaml(string value, Origin origin)
    {
        try
        {
            return WithOrigin(YamlReader.Merge(YamlReader.Read(value, origin.Source)), origin);
        }
        catch (InvalidDataException e)
        {
            throw new ArgumentException(e.Message);
        }
    }

    private static RecipeNode WithOrigin(RecipeNode node, Origin origin)
    {
        switch (node)
        {
            case SequenceNode sequence:
                return new SequenceNode([.. sequence.Items.Select(item => WithOrigin(item, origin))], origin);
            case MappingNode mapping:
                var copy = new MappingNode(origin);
                foreach (var (key, entry) in mapping.Entries)
                    copy.Entries[key] = new MappingEntry(origin, WithOrigin(entry.Value, origin));
                return copy;
            default:
                var scalar = (ScalarNode)node;
                return new ScalarNode(scalar.Text, scalar.Plain, origin);
        }
    }
}
