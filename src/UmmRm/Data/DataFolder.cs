using System.Globalization;
using System.Text.RegularExpressions;

namespace UmmRm.Data;

/// <summary>
/// The splits of a folder, as Hugging Face data sets and plain folders lay them out: <c>train.jsonl.gz</c>, <c>train-00000-of-00002.parquet</c>,
/// in the folder itself or, where it has none, in one of its sub-folders (<c>data</c>, or a configuration's name).
/// </summary>
internal static partial class DataFolder
{
    private static readonly string[] Extensions = [".jsonl.gz", ".json.gz", ".jsonl", ".json", ".parquet"];
    private static readonly HashSet<string> NotData = ["dataset_info", "dataset_infos", "dataset_dict", "state"];

    /// <summary>The files of a split in order; split null takes the only one there is.</summary>
    public static IReadOnlyList<string> Files(string folder, string? split)
    {
        var here = Splits(folder);
        var found = Find(folder, split, here);
        var below = here.Count > 0 ? [] : Directory.GetDirectories(folder).Order(StringComparer.Ordinal).ToList();
        var candidates = found is not null ? [found] : below.Select(sub => Find(sub, split, Splits(sub))).OfType<List<Part>>().ToList();
        if (candidates.Count == 1)
            return Complete(candidates[0]);
        if (candidates.Count > 1)
            throw new ArgumentException($"{folder} has {Wanted(split)} in several folders ({List(candidates.Select(c => Path.GetDirectoryName(c[0].File)!))}); name one of them");
        var names = here.Keys.Concat(below.SelectMany(sub => Splits(sub).Keys.Select(name => $"{Path.GetFileName(sub)}/{name}"))).ToList();
        if (names.Count == 0)
            throw new FileNotFoundException($"{folder} holds no data: expected files such as train.jsonl.gz or train-00000-of-00001.parquet in it or one folder below");
        throw split is null
            ? new ArgumentException($"{folder} holds several splits ({List(names)}); name one, as in {folder}:{names[0]}")
            : new FileNotFoundException($"{folder} has no split '{split}'; it has {List(names)}");
    }

    private static List<Part>? Find(string folder, string? split, Dictionary<string, List<Part>> splits)
    {
        if (split is null)
            return splits.Count == 1 ? splits.Values.Single() : null;
        if (splits.TryGetValue(split, out var exact))
            return exact;
        var longer = splits.Where(s => s.Key.StartsWith(split, StringComparison.Ordinal) && s.Key[split.Length] is '-' or '_' or '.').ToList();
        return longer.Count > 1
            ? throw new ArgumentException($"split '{split}' of {folder} could be {List(longer.Select(s => s.Key))}; name one of them in full")
            : longer.FirstOrDefault().Value;
    }

    private static Dictionary<string, List<Part>> Splits(string folder)
    {
        var splits = new Dictionary<string, List<Part>>();
        foreach (var file in Directory.GetFiles(folder).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(file);
            if (Extensions.FirstOrDefault(e => name.EndsWith(e, StringComparison.OrdinalIgnoreCase)) is not { } extension)
                continue;
            var stem = name[..^extension.Length];
            var shard = Shard().Match(stem);
            var split = shard.Success ? shard.Groups["split"].Value : stem;
            if (NotData.Contains(split))
                continue;
            if (!splits.TryGetValue(split, out var parts))
                splits[split] = parts = [];
            parts.Add(new Part(file, shard.Success ? int.Parse(shard.Groups["count"].Value, CultureInfo.InvariantCulture) : null));
        }
        return splits;
    }

    private static List<string> Complete(List<Part> parts)
    {
        if (parts[0].Of is not { } count ? parts.Count == 1 : parts.Count == count && parts.TrueForAll(part => part.Of == count))
            return [.. parts.Select(part => part.File)];
        var there = List(parts.Select(part => part.File));
        throw parts[0].Of is { } expected && parts.Count < expected
            ? new FileNotFoundException($"parts of a split are missing: {expected} are expected, and there are {there}; fetch the others")
            : new ArgumentException($"one split has several files: {there}; name one of them, or remove what does not belong");
    }

    private static string Wanted(string? split) => split is null ? "data" : $"split '{split}'";

    private static string List(IEnumerable<string> names) => string.Join(", ", names);

    /// <summary>A file of a split, and of how many it is one; null for a file that says nothing of parts.</summary>
    private sealed record Part(string File, int? Of);

    [GeneratedRegex(@"^(?<split>.+?)-[0-9]{5}-of-(?<count>[0-9]{5})(-[0-9a-f]+)?$")]
    private static partial Regex Shard();
}
