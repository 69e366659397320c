namespace UmmRm.Recipes;

/// <summary>Keeps a second process out of a run folder while one works in it; a process that dies leaves no lock behind.</summary>
internal sealed class RunLock : IDisposable
{
    private readonly FileStream _file;

    private RunLock(FileStream file) => _file = file;

    /// <summary>Takes the folder.</summary>
    /// <exception cref="IOException">Another process works in it; the message says which.</exception>
    public static RunLock Take(string runFolder)
    {
        Directory.CreateDirectory(runFolder);
        var path = Path.Combine(runFolder, ".lock");
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new IOException($"{runFolder} is in use by {Owner(path)}; wait for it, or choose another output folder", e);
        }
        file.SetLength(0);
        file.Write(System.Text.Encoding.UTF8.GetBytes($"process {Environment.ProcessId} on {Environment.MachineName}"));
        file.Flush();
        return new RunLock(file);
    }

    /// <summary>Gives the folder back.</summary>
    public void Dispose()
    {
        _file.SetLength(0);
        _file.Dispose();
    }

    private static string Owner(string path)
    {
        try
        {
            using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            return reader.ReadToEnd() is { Length: > 0 } owner ? owner : "another process";
        }
        catch (IOException)
        {
            return "another process"; // systems where a locked file cannot be read
        }
    }
}
