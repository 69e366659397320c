namespace UmmRm.Hub;

/// <summary>Files of a repository at one commit, on this machine.</summary>
/// <param name="Repository">The repository, as it was asked for.</param>
/// <param name="Commit">The commit that its revision stood for.</param>
/// <param name="Folder">The folder with the files, in the cache; it may hold others that were fetched earlier.</param>
/// <param name="Files">The paths of the files that were asked for, in that order.</param>
public sealed record HubSnapshot(HubRepository Repository, string Commit, string Folder, IReadOnlyList<string> Files)
{
    /// <summary>Why the cache answered although the hub was to be asked, in words; null when it did as it was told.</summary>
    public string? FromCache { get; init; }

    /// <summary>Name and commit: equal identities have equal content.</summary>
    public string Identity => $"{Repository.Name}@{Commit}";
}
