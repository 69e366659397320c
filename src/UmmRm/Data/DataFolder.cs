using System.Globalization;
using System.Text.RegularExpressions;

namespace UmmRm.Data;

/// <summary>
/// The splits of a folder or a data set's repository, as Hugging Face data sets and plain folders lay them out: <c>train.jsonl.gz</c>,
/// <c>train-00000-of-00002.parquet</c>, in the folder itself or in one of its sub-folders (<c>data</c>, or a configuration's name). A split may be
/// named with its folder: <c>harmless-base/train</c>.
/// </summary>
internal static partial class DataFolder
{
    private static readonly string[] Extensions = [".jsonl.gz", ".json.gz", ".jsonl", ".json", ".parquet"];
    private static readonly HashSet<string> NotData = ["dataset_info", "dataset_infos", "dataset_dict", "state"];

    /// <summary>The files of a split in order; split null takes the only one there is.</summary>
    public static IReadOnlyList<string> Files(string folder, string? split)
    {
        var at = Path.Combine(folder, Parent(split));
        IEnumerable<string> files = !Directory.Exists(at) ? [] : Directory.EnumerateFiles(at).Concat(Parent(split).Length > 0 ? [] : Directory.EnumerateDirectories(at).SelectMany(Directory.EnumerateFiles));
        return [.. Choose(folder, [.. files.Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'))], split).Select(name => Path.Combine(folder, name))];
    }

    /// <summary>The files of a split among the names of all files, parted by slashes.</summary>
    /// <param name="where">Whose files they are, for messages.</param>
    /// <param name="names">Their names.</param>
    /// <param name="split">The split; null takes the only one there is.</param>
    /// <exception cref="FileNotFoundException">There is no such split, or a part of it is missing.</exception>
    /// <exception cref="ArgumentException">Several could be meant.</exception>
    public static IReadOnlyList<string> Choose(string where, IReadOnlyList<string> names, string? split)
    {
        var (parent, own) = (Parent(split), split?[Parent(split).Length..]);
        var folders = names.Order(StringComparer.Ordinal).GroupBy(Parent).ToDictionary(group => group.Key, Splits);
        var here = folders.GetValueOrDefault(parent) ?? [];
        var found = Find(where, own, here);
        var below = parent.Length > 0 || (here.Count > 0 && split is null) ? [] : folders.Where(folder => folder.Key.Count(c => c == '/') == 1).ToList();
        var candidates = found is not null ? [found] : below.Select(sub => Find(where, own, sub.Value)).OfType<List<Part>>().ToList();
        if (candidates.Count == 1)
            return Complete(where, candidates[0]);
        if (candidates.Count > 1)
            throw new ArgumentException($"{where} has {Wanted(split)} in several folders ({List(candidates.Select(c => Parent(c[0].Name).TrimEnd('/')))}); name one of them, as in {where}:{Parent(candidates[0][0].Name)}{own ?? "train"}");
        var there = here.Keys.Select(name => parent + name).Concat(below.SelectMany(sub => sub.Value.Keys.Select(name => sub.Key + name))).ToList();
        if (there.Count == 0)
            throw new FileNotFoundException($"{where} holds no data: expected files such as train.jsonl.gz or train-00000-of-00001.parquet in it or one folder below");
        throw split is null
            ? new ArgumentException($"{where} holds several splits ({List(there)}); name one, as in {where}:{there[0]}")
            : new FileNotFoundException($"{where} has no split '{split}'; it has {List(there)}");
    }

    /// <summary>The folder of a name, with its slash; empty where it has none.</summary>
    private static string Parent(string? name) => name is null ? "" : name[..(name.LastIndexOf('/') + 1)];

    private static List<Part>? Find(string where, string? split, Dictionary<string, List<Part>> splits)
    {
        if (split is null)
            return splits.Count == 1 ? splits.Values.Single() : null;
        if (splits.TryGetValue(split, out var exact))
            return exact;
        var longer = splits.Where(s => s.Key.StartsWith(split, StringComparison.Ordinal) && s.Key[split.Length] is '-' or '_' or '.').ToList();
        return longer.Count > 1
            ? throw new ArgumentException($"split '{split}' of {where} could be {List(longer.Select(s => s.Key))}; name one of them in full")
            : longer.FirstOrDefault().Value;
    }

    private static Dictionary<string, List<Part>> Splits(IEnumerable<string> names)
    {
        var splits = new Dictionary<string, List<Part>>();
        foreach (var name in names)
        {
            var file = name[Parent(name).Length..];
            if (Extensions.FirstOrDefault(e => file.EndsWith(e, StringComparison.OrdinalIgnoreCase)) is not { } extension)
                continue;
            var stem = file[..^extension.Length];
            var shard = Shard().Match(stem);
            var split = shard.Success ? shard.Groups["split"].Value : stem;
            if (NotData.Contains(split))
                continue;
            if (!splits.TryGetValue(split, out var parts))
                splits[split] = parts = [];
            parts.Add(new Part(name, shard.Success ? int.Parse(shard.Groups["count"].Value, CultureInfo.InvariantCulture) : null));
        }
        return splits;
    }

    private static List<string> Complete(string where, List<Part> parts)
    {
        if (parts[0].Of is not { } count ? parts.Count == 1 : parts.Count == count && parts.TrueForAll(part => part.Of == count))
            return [.. parts.Select(part => part.Name)];
        var there = List(parts.Select(part => part.Name));
        throw parts[0].Of is { } expected && parts.Count < expected
            ? new FileNotFoundException($"{where}: parts of a split are missing: {expected} are expected, and there are {there}; fetch the others")
            : new ArgumentException($"{where}: one split has several files: {there}; name one of them, or remove what does not belong");
    }

    private static string Wanted(string? split) => split is null ? "data" : $"split '{split}'";

    private static string List(IEnumerable<string> names) => string.Join(", ", names);

    /// <summary>A file of a split, and of how many it is one; null for a file that says nothing of parts.</summary>
    private sealed record Part(string Name, int? Of);

    [GeneratedRegex(@"^(?<split>.+?)-[0-9]{5}-of-(?<count>[0-9]{5})(-[0-9a-f]+)?$")]
    private static partial Regex Shard();
}
