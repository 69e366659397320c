using System.Diagnostics;
using System.Globalization;

namespace UmmRm.Recipes;

/// <summary>Keeps a second process out of a run folder while one works in it; a process that dies leaves no lock behind.</summary>
internal sealed class RunLock : IDisposable
{
    private readonly FileStream _file;
    private readonly string _owner;

    private RunLock(FileStream file, string owner) => (_file, _owner) = (file, owner);

    /// <summary>Takes the folder.</summary>
    /// <exception cref="IOException">Another process works in it; the message says which. Or it cannot be made.</exception>
    public static RunLock Take(string runFolder)
    {
        try
        {
            Directory.CreateDirectory(runFolder);
        }
        catch (IOException e)
        {
            throw new IOException($"the folder {runFolder} cannot be made ({e.Message.TrimEnd('.')}); name an output where a folder can be", e);
        }
        var (path, owner) = (Path.Combine(runFolder, ".lock"), OwnerFile(runFolder)); // two files: one that is locked cannot be read
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new IOException($"{runFolder} is in use by {(File.Exists(owner) ? File.ReadAllText(owner) : "another process")}; wait for it, or choose another output folder", e);
        }
        File.WriteAllText(owner, $"process {Environment.ProcessId} on {Environment.MachineName}");
        return new RunLock(file, owner);
    }

    /// <summary>Whether a process works in the folder, as far as can be seen without touching its lock: that of another machine is believed.</summary>
    public static bool IsHeld(string runFolder)
    {
        try
        {
            var words = File.ReadAllText(OwnerFile(runFolder)).Split(' ');
            return words is ["process", var id, "on", var machine] && int.TryParse(id, CultureInfo.InvariantCulture, out var process) && (machine != Environment.MachineName || IsAlive(process));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // no owner's file, or none that may be read: nothing is seen, and taking the folder still asks its lock
        }
    }

    private static string OwnerFile(string runFolder) => Path.Combine(runFolder, ".lock-owner");

    private static bool IsAlive(int process)
    {
        try
        {
            using var alive = Process.GetProcessById(process);
            return !alive.HasExited;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return false; // there is no such process, or it ended meanwhile
        }
    }

    /// <summary>Gives the folder back.</summary>
    public void Dispose()
    {
        File.Delete(_owner);
        _file.Dispose();
    }
}
