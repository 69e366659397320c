using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace UmmRm.Recipes;

/// <summary>One key of a kind of stage, as its record's property and <see cref="SettingAttribute"/> describe it.</summary>
public sealed class Setting
{
    private static readonly Dictionary<Type, IReadOnlyList<Setting>> Known = [];
    private readonly SettingAttribute _attribute;

    private Setting(PropertyInfo property, object defaults)
    {
        Property = property;
        _attribute = property.GetCustomAttribute<SettingAttribute>()!;
        Name = SnakeCase(property.Name);
        IsRequired = property.IsDefined(typeof(RequiredMemberAttribute));
        AllowsNull = Nullable.GetUnderlyingType(property.PropertyType) is not null
            || (!property.PropertyType.IsValueType && new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable);
        ValueType = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var value = IsRequired ? null : property.GetValue(defaults);
        Default = IsRequired ? "required" : value switch
        {
            null => "null",
            ICollection { Count: 0 } => "empty",
            IEnumerable list and not string => $"[{string.Join(", ", list.Cast<object>().Select(SettingText.Of))}]",
            _ when Of(ValueType).Count > 0 => "see below",
            _ => SettingText.Of(value),
        };
    }

    /// <summary>The key.</summary>
    public string Name { get; }

    /// <summary>What the key does.</summary>
    public string Meaning => _attribute.Meaning;

    /// <summary>Unit of the value; empty when it has none.</summary>
    public string Unit => _attribute.Unit;

    /// <summary>The value when the key is not given, as a recipe writes it; <c>required</c> when it must be given.</summary>
    public string Default { get; }

    /// <summary>Whether the key must be given.</summary>
    public bool IsRequired { get; }

    /// <summary>Whether <c>null</c> is a value of the key.</summary>
    public bool AllowsNull { get; }

    /// <summary>The numbers that are allowed, such as <c>0 .. 1</c>; empty when all are.</summary>
    public string Range => string.Join(" and ", new[]
    {
        double.IsNaN(_attribute.Minimum) ? "" : $">= {SettingText.Of(_attribute.Minimum)}",
        double.IsNaN(_attribute.Above) ? "" : $"> {SettingText.Of(_attribute.Above)}",
        double.IsNaN(_attribute.Maximum) ? "" : $"<= {SettingText.Of(_attribute.Maximum)}",
        double.IsNaN(_attribute.Below) ? "" : $"< {SettingText.Of(_attribute.Below)}",
    }.Where(bound => bound.Length > 0));

    /// <summary>What kind of value is expected, in words: <c>whole number</c>, <c>constant|linear|cosine</c>, <c>a stage or path</c>, ...</summary>
    public string Type => TypeWords(ValueType);

    /// <summary>The keys of a mapping value; empty for other values.</summary>
    public IReadOnlyList<Setting> Nested => Of(ValueType);

    internal PropertyInfo Property { get; }

    /// <summary>The value's type, without Nullable.</summary>
    internal Type ValueType { get; }

    internal string? OneOf => _attribute.OneOf;

    internal Artifact Accepts => _attribute.Accepts;

    internal string[] BuiltInWords => _attribute.Words.Split('|', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The keys of a record, those of its own type first; empty when the type has none.</summary>
    internal static IReadOnlyList<Setting> Of(Type type)
    {
        lock (Known)
        {
            if (Known.TryGetValue(type, out var known))
                return known;
            var properties = Lineage(type).SelectMany(t => t.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
                .Where(p => p.IsDefined(typeof(SettingAttribute))).OrderBy(p => p.MetadataToken)).ToArray();
            if (properties.Length == 0)
                return Known[type] = [];
            var defaults = Activator.CreateInstance(type)!;
            return Known[type] = [.. properties.Select(p => new Setting(p, defaults))];
        }
    }

    /// <summary>What is wrong with a value, as the end of a sentence that began with the key; null when it is in range.</summary>
    internal string? Complaint(object? value)
    {
        if (value is IEnumerable list and not string)
            return list.Cast<object>().Select(Complaint).FirstOrDefault(c => c is not null);
        if (value is not (int or long or double) || Range.Length == 0)
            return null;
        var number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
        var outside = number < _attribute.Minimum || number > _attribute.Maximum || number <= _attribute.Above || number >= _attribute.Below;
        return outside ? $"is {SettingText.Of(value)}; it must be {Range}{(Unit.Length > 0 ? $" {Unit}" : "")}" : null;
    }

    private static IEnumerable<Type> Lineage(Type type)
    {
        for (var t = type; t is not null && t != typeof(object); t = t.BaseType)
            yield return t;
    }

    private string TypeWords(Type type)
    {
        if (type.IsEnum)
            return string.Join('|', SettingText.Words(type));
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
            return $"list of {TypeWords(type.GetGenericArguments()[0])}";
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>))
            return $"mapping from names to {TypeWords(type.GetGenericArguments()[1])}";
        if (type == typeof(InputReference))
            return BuiltInWords.Length > 0 ? $"{string.Join('|', BuiltInWords)}|path" : Accepts == Artifact.None ? "path" : "stage or path";
        return type switch
        {
            _ when type == typeof(int) || type == typeof(long) => "whole number",
            _ when type == typeof(double) => "number",
            _ when type == typeof(bool) => "true|false",
            _ when type == typeof(string) => "text",
            _ when type == typeof(DataInput) => "data",
            _ when type == typeof(Margin) => "none|data|number",
            _ when type == typeof(LayerCount) => "all|whole number",
            _ when type == typeof(StageSeed) => "whole number or name",
            _ => "mapping",
        };
    }

    private static string SnakeCase(string name)
    {
        var text = new StringBuilder();
        foreach (var c in name)
        {
            if (char.IsUpper(c) && text.Length > 0)
                text.Append('_');
            text.Append(char.ToLowerInvariant(c));
        }
        return text.ToString();
    }
}
