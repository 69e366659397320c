using System.Globalization;
using System.Reflection;
using System.Text.Json.Serialization;
using UmmRm.Models;

namespace UmmRm.Recipes;

/// <summary>How single values are written in recipes.</summary>
internal static class SettingText
{
    /// <summary>The text of a value that is not a list, a mapping or null; reading it gives the value back.</summary>
    public static string Of(object value) => value switch
    {
        bool b => b ? "true" : "false",
        double d => d.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant(),
        Enum e => Word(e),
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    /// <summary>The words of an enumeration, in its order.</summary>
    public static IEnumerable<string> Words(Type type) => Enum.GetValues(type).Cast<Enum>().Select(Word);

    /// <summary>Reads a word; hyphens, underscores and case do not matter.</summary>
    public static bool TryWord(Type type, string text, out object? value)
    {
        static string Plain(string word) => word.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
        value = Enum.GetValues(type).Cast<Enum>().FirstOrDefault(e => Plain(Word(e)) == Plain(text));
        return value is not null;
    }

    /// <summary>A text that somebody wrote, quoted for a message and cut when it is long.</summary>
    public static string Quote(string text) => text.Length <= 80 ? $"'{text}'" : $"'{text[..77]}...'";

    private static string Word(Enum value) =>
        value is ModelFamily.GptNeoX
            ? "gpt_neox" // config.json's model_type
            : value.GetType().GetField(value.ToString())?.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? value.ToString().ToLowerInvariant();
}
