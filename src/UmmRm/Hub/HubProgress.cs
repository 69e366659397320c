namespace UmmRm.Hub;

/// <summary>How far a download has come.</summary>
/// <param name="File">The file, as the repository names it.</param>
/// <param name="Done">Bytes that are here, those of an earlier attempt included.</param>
/// <param name="Total">Bytes in all; 0 when the hub does not say.</param>
public sealed record HubProgress(string File, long Done, long Total);
