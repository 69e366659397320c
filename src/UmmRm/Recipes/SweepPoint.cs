namespace UmmRm.Recipes;

/// <summary>One place of a sweep's grid: a value for each of its keys.</summary>
/// <param name="Name">The values with the last names of their keys, as a folder's name: <c>shared_expert_weight=0.1</c>; empty for a sweep without a grid.</param>
/// <param name="Sets">What is changed in the recipe, <c>a.b=c</c> each.</param>
public sealed record SweepPoint(string Name, IReadOnlyList<string> Sets)
{
    /// <summary>Every combination of the axes' values, the last axis changing fastest.</summary>
    /// <param name="axes"><c>a.b=1,2,3</c> each; commas within brackets do not separate. None gives one point that changes nothing.</param>
    /// <exception cref="ArgumentException">An axis has no key, no value, or one twice.</exception>
    public static IReadOnlyList<SweepPoint> Grid(IReadOnlyList<string> axes)
    {
        var parsed = axes.Select(Axis).ToList();
        if (parsed.GroupBy(axis => axis.Key).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new ArgumentException($"the grid names {twice.Key} twice; list all of its values after one --grid");
        var shortNames = parsed.Select(axis => axis.Key.Split('.')[^1]).ToList();
        IEnumerable<SweepPoint> points = [new SweepPoint("", [])];
        foreach (var (index, (key, values)) in parsed.Index())
        {
            var name = shortNames.Count(other => other == shortNames[index]) == 1 ? shortNames[index] : key;
            points = points.SelectMany(point => values, (point, value) => new SweepPoint($"{point.Name}{(point.Name.Length > 0 ? "," : "")}{FolderName($"{name}={value}")}", [.. point.Sets, $"{key}={value}"]));
        }
        return [.. points];
    }

    private static (string Key, IReadOnlyList<string> Values) Axis(string axis)
    {
        var equals = axis.IndexOf('=', StringComparison.Ordinal);
        var values = Split(axis[(equals + 1)..]);
        if (equals < 1 || values.Any(string.IsNullOrWhiteSpace))
            throw new ArgumentException($"--grid {axis}: KEY=VALUE,VALUE,... is expected, such as stages.upcycled-k6.moe.shared_expert_weight=0.1,0.5,0.9");
        return values.Distinct().Count() == values.Count ? (axis[..equals], values) : throw new ArgumentException($"--grid {axis}: a value stands there twice");
    }

    private static List<string> Split(string values)
    {
        var (parts, depth) = (new List<string> { "" }, 0);
        foreach (var c in values)
        {
            depth += c is '[' or '{' ? 1 : c is ']' or '}' ? -1 : 0;
            if (c == ',' && depth == 0)
                parts.Add("");
            else
                parts[^1] += c;
        }
        return parts.ConvertAll(part => part.Trim());
    }

    private static string FolderName(string text) => string.Concat(text.Select(c => char.IsLetterOrDigit(c) || c is '.' or '-' or '_' or '=' or '+' ? c : '_'));
}
