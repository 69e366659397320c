using System.Text.RegularExpressions;

namespace UmmRm.Hub;

/// <summary>A repository of the hub at a revision.</summary>
/// <param name="Kind">Whether it is a model or a data set.</param>
/// <param name="Name">Its name, with its owner's: <c>org/name</c>.</param>
/// <param name="Revision">A branch, a tag or a commit.</param>
public sealed partial record HubRepository(HubKind Kind, string Name, string Revision = "main")
{
    private static readonly string[] FileEndings = [".json", ".jsonl", ".gz", ".parquet", ".yaml", ".yml", ".csv", ".txt", ".safetensors"];

    /// <summary>Reads <c>org/name[@revision]</c>; null for everything else, such as paths that begin with a dot or a slash, go deeper, or end as data files do.</summary>
    public static HubRepository? Parse(HubKind kind, string text)
    {
        var match = Notation().Match(text);
        if (!match.Success || text.Contains("..", StringComparison.Ordinal))
            return null;
        var (name, revision) = (match.Groups["name"].Value, match.Groups["revision"].Value);
        return Array.Exists(FileEndings, ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) ? null
            : new HubRepository(kind, name, revision.Length > 0 ? revision : "main");
    }

    /// <summary>The repository as <see cref="Parse"/> reads it.</summary>
    public override string ToString() => Revision == "main" ? Name : $"{Name}@{Revision}";

    /// <summary>Its folder in the cache.</summary>
    internal string FolderName => $"{(Kind == HubKind.Model ? "models" : "datasets")}--{Name.Replace("/", "--", StringComparison.Ordinal)}";

    /// <summary>Whether the revision is a commit, which never changes.</summary>
    internal bool IsPinned => IsCommit(Revision);

    /// <summary>Where a file lies, seen from the hub's address.</summary>
    internal string FileAddress(string revision, string file) =>
        $"{(Kind == HubKind.Model ? "" : "datasets/")}{Name}/resolve/{Uri.EscapeDataString(revision)}/{string.Join('/', file.Split('/').Select(Uri.EscapeDataString))}";

    /// <summary>Where the list of files is asked for.</summary>
    internal string ListAddress(string revision) => $"api/{(Kind == HubKind.Model ? "models" : "datasets")}/{Name}/tree/{Uri.EscapeDataString(revision)}?recursive=true";

    /// <summary>Whether a text is the full hash of a commit.</summary>
    internal static bool IsCommit(string text) => Commit().IsMatch(text);

    [GeneratedRegex(@"\A(?<name>[A-Za-z0-9][A-Za-z0-9_.\-]*/[A-Za-z0-9_.\-]+)(@(?<revision>[A-Za-z0-9_.\-/]+))?\z")]
    private static partial Regex Notation();

    [GeneratedRegex(@"\A[0-9a-f]{40}\z")]
    private static partial Regex Commit();
}
