using UmmRm.Hub;

namespace UmmRm.Data;

/// <summary>Fetches the rows of data sets that lie on the hub: by id, or by a name of <see cref="NamedDataSets"/>. What is here by that name is never fetched.</summary>
public static class HubData
{
    /// <summary>Whether a source is to be fetched.</summary>
    public static bool IsFetched(DataSource source) => source.Fetched is null && !Path.Exists(source.Path) && (NamedDataSets.Find(source.Path) is not null || Repository(source) is not null);

    /// <summary>Fetches the files of a source's split, and no others.</summary>
    /// <param name="source">A source for which <see cref="IsFetched"/> holds.</param>
    /// <param name="hub">From here.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>The same source, which now finds its files, and the commit that they are of.</returns>
    /// <exception cref="HubException">There is no such data set, or it may not be read.</exception>
    /// <exception cref="FileNotFoundException">It has no such split.</exception>
    /// <exception cref="ArgumentException">No split was named and there are several, or the slice asks for too much.</exception>
    public static (DataSource Source, HubSnapshot Snapshot) Fetch(DataSource source, HubClient hub, CancellationToken cancellation = default)
    {
        var named = NamedDataSets.Find(source.Path);
        var rows = named?.Rows(source) ?? source;
        var repository = named?.Repository ?? Repository(source) ?? throw new ArgumentException($"'{source.Path}' is no hub id and none of {NamedDataSets.Names}");
        var snapshot = hub.Fetch(
            repository,
            names => named is null ? DataFolder.Choose(repository.ToString(), names, rows.Split) : [.. named.Published[rows.Split!].SelectMany(split => DataFolder.Choose(repository.ToString(), names, split))],
            cancellation);
        return (rows with { Fetched = snapshot.Files }, snapshot);
    }

    private static HubRepository? Repository(DataSource source) => HubRepository.Parse(HubKind.DataSet, source.Path);
}
