using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;
using UmmRm.Data;

namespace UmmRm.Cli;

/// <summary>The kinds of options. Each reads its own value and says in one line what it would have taken instead.</summary>
internal static class OptionOf
{
    /// <summary>True when it is there.</summary>
    public static Option<bool> Switch(string name, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, Arity = ArgumentArity.Zero };

    /// <summary>A text, such as a path.</summary>
    public static Option<string> Text(string name, string form, string description, string? byDefault = null, bool required = false)
    {
        var option = new Option<string>(name) { Description = description, HelpName = form, Required = required };
        if (byDefault is not null)
            option.DefaultValueFactory = _ => byDefault;
        return option;
    }

    /// <summary>Texts: several after one name, and the name several times.</summary>
    public static Option<string[]> Many(string name, string form, string description) =>
        new(name) { Description = description, HelpName = form, AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };

    /// <summary>A number within a range, both ends included; null when it was not given.</summary>
    public static Option<double?> Number(string name, string form, string description, double low, double high) => new(name)
    {
        Description = description,
        HelpName = form,
        CustomParser = result => Parsed<double?>(
            result,
            text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= low && value <= high ? value : null,
            string.Create(CultureInfo.InvariantCulture, $"a number, {low}..{high}")),
    };

    /// <summary>One of a few words; the first is the default.</summary>
    public static Option<string> Choice(string name, string description, params string[] choices) => new(name)
    {
        Description = description,
        HelpName = string.Join('|', choices),
        DefaultValueFactory = _ => choices[0],
        CustomParser = result => Parsed(result, text => choices.Contains(text) ? text : null, $"one of {string.Join(", ", choices)}", choices),
    };

    /// <summary>A whole number within a range, both ends included; null when it was not given.</summary>
    public static Option<T?> Integer<T>(string name, string form, string description, T low, T high)
        where T : struct, IBinaryInteger<T> => new(name)
        {
            Description = description,
            HelpName = form,
            CustomParser = result => Parsed<T?>(
                result,
                text => T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= low && value <= high ? value : null,
                string.Create(CultureInfo.InvariantCulture, $"a whole number, {low}..{high}")),
        };

    private static T? Parsed<T>(ArgumentResult result, Func<string, T?> parse, string expected, params string[] choices)
    {
        var text = result.Tokens[0].Value;
        if (parse(text) is { } value)
            return value;
        var nearest = NearestName.To(text, choices) is { } choice ? $"; did you mean {choice}?" : "";
        result.AddError($"{(result.Parent as OptionResult)?.Option.Name} is '{text}'; expected {expected}{nearest}");
        return default;
    }
}
