namespace UmmRm.Weights;

/// <summary>
/// A model folder that appears whole or not at all: files are written to a folder beside it, which takes its name when all are there.
/// What was at that name stays until then.
/// </summary>
internal sealed class OutputFolder : IDisposable
{
    private readonly string _target;
    private readonly FileStream _lock;

    private OutputFolder(string target, string partial)
    {
        (_target, Path) = (target, partial);
        Directory.CreateDirectory(partial);
        try
        {
            _lock = new FileStream(LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException($"another process is writing {target} (it holds {LockFile}); wait for it or choose another output", e);
        }
        foreach (var left in Directory.EnumerateFiles(partial).Where(file => file != LockFile)) // by a process that was killed
            File.Delete(left);
    }

    /// <summary>Where to write the files.</summary>
    public string Path { get; }

    private string LockFile => System.IO.Path.Combine(Path, ".lock");

    /// <summary>Begins to write a folder that will be called <paramref name="target"/>.</summary>
    /// <exception cref="ArgumentException">The target is a file, or a folder with something else than a model in it, which is never deleted.</exception>
    /// <exception cref="IOException">Another process is writing the same folder.</exception>
    public static OutputFolder Begin(string target)
    {
        var full = Full(target);
        var parent = System.IO.Path.GetDirectoryName(full) ?? throw new ArgumentException($"the output '{target}' is the root of a drive; name a folder");
        var name = System.IO.Path.GetFileName(full);
        var replaced = Replaced(full);
        RequireReplaceable(full);
        Directory.CreateDirectory(parent);
        var output = new OutputFolder(full, System.IO.Path.Combine(parent, $".{name}.partial"));
        if (Directory.Exists(replaced) && !Directory.Exists(full))
            Directory.Move(replaced, full); // a process was killed between the two renames of Complete
        else if (Directory.Exists(replaced))
            Directory.Delete(replaced, recursive: true);
        return output;
    }

    /// <summary>Throws when the output is one of the folders that it is made from: it would replace its own source.</summary>
    /// <exception cref="ArgumentException">The message names the folder.</exception>
    public static void RequireApart(string output, params IEnumerable<string> sources)
    {
        if (sources.FirstOrDefault(source => Full(source) == Full(output)) is { } same)
            throw new ArgumentException($"the output {output} is the model {same} itself, which would be replaced; name another folder");
    }

    /// <summary>Gives the finished folder its name. What was there before is deleted.</summary>
    public void Complete()
    {
        _lock.Dispose();
        File.Delete(LockFile);
        Replace(Path, _target);
    }

    /// <summary>Gives a finished folder the target's name. What was there before is deleted; ask <see cref="RequireReplaceable"/> first.</summary>
    public static void Replace(string made, string target)
    {
        var replaced = Replaced(target);
        if (Directory.Exists(replaced))
            Directory.Delete(replaced, recursive: true);
        if (Directory.Exists(target))
            Directory.Move(target, replaced);
        Directory.Move(made, target);
        if (Directory.Exists(replaced))
            Directory.Delete(replaced, recursive: true);
    }

    /// <summary>Removes what was written, unless it is complete.</summary>
    public void Dispose()
    {
        _lock.Dispose();
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }

    private static string Full(string path) => System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));

    private static string Replaced(string target) => System.IO.Path.Combine(System.IO.Path.GetDirectoryName(target)!, $".{System.IO.Path.GetFileName(target)}.replaced");

    /// <summary>Throws when something else than a model would be lost.</summary>
    /// <exception cref="ArgumentException">The target is a file, or a folder with something else than a model in it.</exception>
    public static void RequireReplaceable(string target)
    {
        if (File.Exists(target))
            throw new ArgumentException($"the output {target} is a file; name a folder");
        if (!Directory.Exists(target) || !Directory.EnumerateFileSystemEntries(target).Any())
            return;
        if (!File.Exists(System.IO.Path.Combine(target, "config.json")) || !Directory.EnumerateFiles(target, "*.safetensors").Any() || Directory.EnumerateDirectories(target).Any())
            throw new ArgumentException($"the output folder {target} exists and holds something other than a model; name another folder, or empty this one yourself");
    }
}
