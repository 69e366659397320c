using System.Text;

namespace UmmRm.Recipes;

/// <summary>The reference of all kinds of stages and their keys, made from the records: recipes/keys.md.</summary>
public static class RecipeReference
{
    /// <summary>GitHub's Markdown: a section for each kind with a table of its keys.</summary>
    public static string ToMarkdown()
    {
        var text = new StringBuilder("# Kinds of stages and their keys\n\nMade from the records in src/UmmRm/Recipes; `ummrm VERB --set help` prints the same for one kind.\n");
        foreach (var kind in StageKind.All)
            AppendSection(text, kind.Name, kind.Summary, kind.Settings);
        AppendSection(text, "data", "What a key for data holds: a stage, a path, or a mapping with these keys.", Setting.Of(typeof(DataInput)));
        return text.ToString();
    }

    /// <summary>Settings and those nested in them with their whole keys, such as <c>moe.top_k</c>; those of data are left out.</summary>
    public static IEnumerable<(string Key, Setting Setting)> Keys(IReadOnlyList<Setting> settings, string prefix = "") =>
        settings.SelectMany(setting => Keys(setting.ValueType == typeof(DataInput) ? [] : setting.Nested, $"{prefix}{setting.Name}.").Prepend(($"{prefix}{setting.Name}", setting)));

    private static void AppendSection(StringBuilder text, string name, string summary, IReadOnlyList<Setting> settings)
    {
        text.Append($"\n## {name}\n\n{summary}\n\n| key | value | unit | default | range | meaning |\n|---|---|---|---|---|---|\n");
        foreach (var (key, setting) in Keys(settings))
            text.Append($"| `{key}` | {Cell(setting.Type)} | {setting.Unit} | {Cell(setting.Default)} | {Cell(setting.Range)} | {Cell(setting.Meaning)} |\n");
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "\\<", StringComparison.Ordinal);
}
