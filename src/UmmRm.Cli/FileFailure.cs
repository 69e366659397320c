namespace UmmRm.Cli;

/// <summary>What the file system refused, with what helps: the system's own messages name the file and stop there.</summary>
internal static class FileFailure
{
    private static readonly int[] DiskFull = [28, 122, unchecked((int)0x80070070), unchecked((int)0x80070027)]; // ENOSPC, EDQUOT; ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL
    private static readonly int[] ReadOnly = [30, unchecked((int)0x80070013)];                                   // EROFS; ERROR_WRITE_PROTECT

    /// <summary>The message with a remedy; null where the failure is not the file system's, or was given its own words by whoever met it.</summary>
    public static string? Message(Exception exception)
    {
        if (exception.Source?.StartsWith("System.", StringComparison.Ordinal) != true)
            return null;
        var found = exception.Message.Trim().TrimEnd('.');
        return exception switch
        {
            FileNotFoundException { FileName: { } file } => $"there is no file {file}; relative paths are taken from {Environment.CurrentDirectory}",
            DirectoryNotFoundException => $"{found}: a folder on the way does not exist, or is a file; make it, or correct the path (relative ones are taken from {Environment.CurrentDirectory})",
            UnauthorizedAccessException => $"{found}: it is a folder, or this user may not read or write there; change its permissions, or name another place",
            PathTooLongException => $"{found}; name a shorter one",
            IOException when DiskFull.Contains(exception.HResult) || found.Contains("disk was full", StringComparison.Ordinal) =>
                $"{found}: make room there, or name an output on another disk (a file that was not finished is removed; a run goes on where it stopped)",
            IOException when ReadOnly.Contains(exception.HResult) => $"{found}: nothing can be written there; name an output in another place",
            _ => null,
        };
    }
}
