namespace UmmRm.Hub;

/// <summary>A lock on a file of the cache against other processes; on Unix the one (flock) that the reference client takes too.</summary>
internal static class HubLock
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until the lock is free and takes it; it ends with the stream, or with the process.</summary>
    /// <param name="path">The lock's file, made if it is missing.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public static async Task<FileStream> Take(string path, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                await Task.Delay(Pause, cancellation); // somebody else downloads the same file
            }
        }
    }
}
