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
        {
            text.Append($"\n## {kind.Name}\n\n{kind.Summary}\n\n| key | value | unit | default | range | meaning |\n|---|---|---|---|---|---|\n");
            foreach (var (key, setting) in Keys(kind.Settings, ""))
                text.Append($"| `{key}` | {Cell(setting.Type)} | {setting.Unit} | {Cell(setting.Default)} | {Cell(setting.Range)} | {Cell(setting.Meaning)} |\n");
        }
        return text.ToString();
    }

    /// <summary>Settings and those nested in them with their whole keys, such as <c>moe.top_k</c>.</summary>
    public static IEnumerable<(string Key, Setting Setting)> Keys(IReadOnlyList<Setting> settings, string prefix = "") =>
        settings.SelectMany(setting => Keys(setting.Nested, $"{prefix}{setting.Name}.").Prepend(($"{prefix}{setting.Name}", setting)));

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "\\<", StringComparison.Ordinal);
}
