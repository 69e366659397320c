using System.Text.RegularExpressions;

namespace UmmRm.Recipes;

/// <summary>What names in a recipe look like: they become folder names and parts of <c>--set</c> paths.</summary>
internal static partial class StageName
{
    public static bool IsValid(string? text) => text is not null && Pattern().IsMatch(text);

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9_-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
