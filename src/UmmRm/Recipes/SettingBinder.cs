using System.Collections;
using System.Globalization;
using System.Reflection;
using UmmRm.Data;

namespace UmmRm.Recipes;

/// <summary>Makes records of mappings: every key is known, every value has its key's type and range.</summary>
/// <param name="resolve">Makes a reference of a text: where it stands, the whole key, the text and the setting that holds it.</param>
internal sealed class SettingBinder(Func<Origin, string, string, Setting, InputReference> resolve)
{
    /// <summary>A record of a type with the mapping's values.</summary>
    /// <param name="type">The record's type, with settings.</param>
    /// <param name="mapping">Its keys and values.</param>
    /// <param name="path">The mapping's own key, for messages.</param>
    /// <param name="outer">The setting whose value this is, when it is one.</param>
    public object Bind(Type type, MappingNode mapping, string path, Setting? outer = null)
    {
        var settings = Setting.Of(type);
        if (mapping.Entries.FirstOrDefault(e => settings.All(s => s.Name != e.Key)) is { Key: { } unknown } entry)
            throw entry.Value.KeyOrigin.Error($"{path}.{unknown} is not a key{NearestName.Hint(unknown, [.. settings.Select(s => s.Name)])}");
        if (settings.FirstOrDefault(s => s.IsRequired && (mapping.Find(s.Name) is null or { IsNull: true })) is { } missing)
            throw mapping.Origin.Error($"{path}.{missing.Name} is missing: {missing.Meaning}");
        var record = Activator.CreateInstance(type)!;
        foreach (var setting in settings)
        {
            if (mapping.Find(setting.Name) is { } value)
                setting.Property.SetValue(record, Value(setting, value, $"{path}.{setting.Name}", outer));
        }
        foreach (var alternatives in settings.Where(s => s.OneOf is not null).GroupBy(s => s.OneOf))
            ChooseOne(record, [.. alternatives], mapping, path);
        return record;
    }

    private object? Value(Setting setting, RecipeNode node, string path, Setting? outer)
    {
        if (node.IsNull)
            return setting.AllowsNull ? null : throw node.Origin.Error($"{path} is null; {setting.Type} is expected");
        var value = Value(setting.ValueType, node, path, setting.Accepts == Artifact.None && outer is not null ? outer : setting);
        return setting.Complaint(value) is { } complaint ? throw node.Origin.Error($"{path} {complaint}") : value;
    }

    private object Value(Type type, RecipeNode node, string path, Setting setting)
    {
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
            return List(type.GetGenericArguments()[0], node, path, setting);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>))
            return Dictionary(type.GetGenericArguments()[1], node, path, setting);
        if (Setting.Of(type).Count > 0)
            return node is MappingNode mapping ? Bind(type, mapping, path, setting)
                : type == typeof(DataInput) && node is ScalarNode { IsNull: false } source ? new DataInput { Path = resolve(node.Origin, path, source.Text, setting) }
                : throw Unexpected(node, path, setting.Type);
        if (node is not ScalarNode { IsNull: false } scalar)
            throw Unexpected(node, path, setting.Type);
        return type == typeof(InputReference) ? resolve(node.Origin, path, scalar.Text, setting) : Scalar(type, scalar, path, setting);
    }

    private IList List(Type type, RecipeNode node, string path, Setting setting)
    {
        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(type))!;
        foreach (var (index, item) in (node is SequenceNode sequence ? sequence.Items : [node]).Index())
            list.Add(Value(type, item, node is SequenceNode ? $"{path}[{index}]" : path, setting));
        return list;
    }

    private IDictionary Dictionary(Type type, RecipeNode node, string path, Setting setting)
    {
        if (node is not MappingNode mapping)
            throw Unexpected(node, path, setting.Type);
        var dictionary = (IDictionary)Activator.CreateInstance(typeof(OrderedDictionary<,>).MakeGenericType(typeof(string), type))!;
        foreach (var (key, entry) in mapping.Entries)
            dictionary.Add(key, Value(type, entry.Value, $"{path}.{key}", setting));
        return dictionary;
    }

    private static object Scalar(Type type, ScalarNode scalar, string path, Setting setting)
    {
        var text = scalar.Text;
        if (type == typeof(string))
            return text;
        if (type == typeof(bool) && text is "true" or "false")
            return text == "true";
        if (type == typeof(int) && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return whole;
        if (type == typeof(double) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
            return number;
        if (type.IsEnum && SettingText.TryWord(type, text, out var word))
            return word!;
        if (type.IsEnum)
            throw scalar.Origin.Error($"{path} is {scalar.Description}; {setting.Type} is expected{(NearestName.To(text, SettingText.Words(type)) is { } near ? $"; did you mean {near}?" : "")}");
        return type.GetMethod(nameof(IParsable<>.Parse), [typeof(string), typeof(IFormatProvider)]) is { } parse && !type.IsPrimitive
            ? Parse(parse, scalar, path)
            : throw Unexpected(scalar, path, setting.Type);
    }

    private static object Parse(MethodInfo parse, ScalarNode scalar, string path)
    {
        try
        {
            return parse.Invoke(null, [scalar.Text, CultureInfo.InvariantCulture])!;
        }
        catch (TargetInvocationException e) when (e.InnerException is FormatException reason)
        {
            throw scalar.Origin.Error($"{path} is {scalar.Description}; {reason.Message}");
        }
    }

    private static void ChooseOne(object record, Setting[] alternatives, MappingNode mapping, string path)
    {
        var given = alternatives.Where(s => mapping.Find(s.Name) is { IsNull: false }).ToArray();
        if (given.Length > 1)
            throw mapping.Entries[given[1].Name].KeyOrigin.Error($"{path} gives both {given[0].Name} and {given[1].Name}; give one of them");
        if (given.Length == 1)
        {
            foreach (var other in alternatives.Except(given))
                other.Property.SetValue(record, null);
        }
    }

    private static Exception Unexpected(RecipeNode node, string path, string type) => node.Origin.Error($"{path} is {node.Description}; {type} is expected");
}
