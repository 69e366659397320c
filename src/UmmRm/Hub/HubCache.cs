using System.Text.RegularExpressions;

namespace UmmRm.Hub;

/// <summary>
/// One repository in the cache, as the reference client lays it out: <c>blobs/ETAG</c>, <c>refs/REVISION</c> with the commit in it, and
/// <c>snapshots/COMMIT/PATH</c> as relative links to the blobs. What that client downloaded is found here, and the other way round.
/// </summary>
internal sealed partial class HubCache(string cache, HubRepository repository)
{
    private readonly string _folder = Path.Combine(cache, repository.FolderName);

    /// <summary>The commit that the repository's revision stood for when it was last fetched; null when it never was.</summary>
    public string? Commit()
    {
        if (repository.IsPinned)
            return Directory.Exists(Snapshot(repository.Revision)) ? repository.Revision : null;
        var reference = Path.Combine(_folder, "refs", repository.Revision);
        return File.Exists(reference) && File.ReadAllText(reference).Trim() is var commit && HubRepository.IsCommit(commit) ? commit : null;
    }

    /// <summary>Writes down the commit that the revision stands for.</summary>
    public void Remember(string commit)
    {
        if (repository.IsPinned || Commit() == commit)
            return;
        var reference = Path.Combine(_folder, "refs", repository.Revision);
        Directory.CreateDirectory(Path.GetDirectoryName(reference)!);
        var written = $"{reference}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}";
        File.WriteAllText(written, commit);
        File.Move(written, reference, overwrite: true);
    }

    /// <summary>The folder of a commit's files.</summary>
    public string Snapshot(string commit) => Path.Combine(_folder, "snapshots", commit);

    /// <summary>The files of a commit that are here, as the repository names them.</summary>
    public IReadOnlyList<string> Names(string commit)
    {
        var snapshot = Snapshot(commit);
        return !Directory.Exists(snapshot) ? []
            : [.. Directory.EnumerateFiles(snapshot, "*", SearchOption.AllDirectories).Where(File.Exists).Select(file => Path.GetRelativePath(snapshot, file).Replace('\\', '/')).Order(StringComparer.Ordinal)];
    }

    /// <summary>A file of a commit, or null when it is not here.</summary>
    public string? Find(string commit, string file) => Place(commit, file) is var path && File.Exists(path) ? path : null;

    /// <summary>Where a file's bytes lie, by its etag.</summary>
    public string Blob(string etag) => EtagForm().IsMatch(etag) ? Path.Combine(_folder, "blobs", etag)
        : throw new HubException($"{repository}: the hub gives the etag '{etag}'; expected letters and digits");

    /// <summary>The lock of a blob.</summary>
    public string LockOf(string etag) => Path.Combine(cache, ".locks", repository.FolderName, $"{Path.GetFileName(Blob(etag))}.lock");

    /// <summary>Gives a blob its name in a commit: a relative link, or the file itself where links are not allowed.</summary>
    public string Link(string commit, string file, string etag)
    {
        var (path, blob) = (Place(commit, file), Blob(etag));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (File.Exists(path))
            return path;
        File.Delete(path); // a link to a blob that was cleaned away
        try
        {
            File.CreateSymbolicLink(path, Path.GetRelativePath(Path.GetDirectoryName(path)!, blob));
        }
        catch (IOException) when (File.Exists(path))
        {
            // another process made it meanwhile
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Copy(blob, path, overwrite: true); // Windows without the right to make links
        }
        return path;
    }

    private string Place(string commit, string file) => FileForm().IsMatch(file) && !file.Split('/').Contains("..")
        ? Path.Combine(Snapshot(commit), file.Replace('/', Path.DirectorySeparatorChar))
        : throw new HubException($"{repository}: the hub lists a file '{file}'; expected a name that stays in its folder");

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9_\-]*\z")]
    private static partial Regex EtagForm();

    [GeneratedRegex(@"\A[^/\\:\0][^\\:\0]*\z")]
    private static partial Regex FileForm();
}
