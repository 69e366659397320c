using System.Text.Json.Serialization;

namespace UmmRm.Recipes;

/// <summary>What a finished stage's stage.json says.</summary>
/// <param name="Stage">The stage's name.</param>
/// <param name="Fingerprint">Hash of all that the result follows from.</param>
/// <param name="Facts">What the fingerprint was made of.</param>
/// <param name="Seconds">How long it took, stopped attempts included.</param>
/// <param name="Files">The files it left, relative to its folder, and their sizes in bytes.</param>
/// <param name="PeakMemory">See <see cref="StageEffort"/>.</param>
/// <param name="Warnings">See <see cref="StageEffort"/>.</param>
internal sealed record StageRecord(string Stage, string Fingerprint, IReadOnlyDictionary<string, string> Facts, double Seconds, IReadOnlyDictionary<string, long> Files, long? PeakMemory = null, IReadOnlyList<string>? Warnings = null)
{
    /// <summary>What it took and said.</summary>
    [JsonIgnore]
    public StageEffort Effort => new(Seconds, PeakMemory, Warnings ?? []);
}

/// <summary>What a stage took, and what it warned of.</summary>
/// <param name="Seconds">How long it took, stopped attempts included.</param>
/// <param name="PeakMemory">The most memory that the process was seen to hold meanwhile, in bytes, see <see cref="MemoryWatch"/>; null where that was not measured.</param>
/// <param name="Warnings">What a reader of its result should know.</param>
internal sealed record StageEffort(double Seconds, long? PeakMemory, IReadOnlyList<string> Warnings);

/// <summary>
/// A stage's folder. Work is done in <c>NAME.partial</c> beside it, whose sub-folder <c>result</c> takes its place when it is complete: whatever happens,
/// <c>NAME</c> holds a whole result or does not exist.
/// </summary>
internal sealed class StageFolder(string runFolder, string name)
{
    private const string RecordName = "stage.json";
    private const string MarkerName = "stage.partial.json";
    private readonly string _replaced = System.IO.Path.Combine(runFolder, $"{name}.replaced");

    /// <summary>The finished stage's folder.</summary>
    public string Path { get; } = System.IO.Path.Combine(runFolder, name);

    /// <summary>Where the work is done; kept when it is stopped.</summary>
    public string Partial { get; } = System.IO.Path.Combine(runFolder, $"{name}.partial");

    /// <summary>Where the result is written.</summary>
    public string Result => System.IO.Path.Combine(Partial, "result");

    /// <summary>What the finished stage's record says, or null when there is none or a file of it is gone or has another size.</summary>
    public StageRecord? Finished()
    {
        if (!Directory.Exists(Path) && RunJson.ReadIfWhole<StageRecord>(System.IO.Path.Combine(Result, RecordName)) is not null)
            Directory.Move(Result, Path); // stopped between the two renames of Complete
        var record = RunJson.ReadIfWhole<StageRecord>(System.IO.Path.Combine(Path, RecordName));
        return record is not null && record.Files.All(file => new FileInfo(System.IO.Path.Combine(Path, file.Key)) is { Exists: true } info && info.Length == file.Value) ? record : null;
    }

    /// <summary>Makes the folder to work in.</summary>
    /// <param name="identity">What is going to be done.</param>
    /// <param name="resumes">Whether what a stopped attempt at the same left is kept.</param>
    /// <returns>The seconds that the stopped attempt took when it is kept, else null.</returns>
    /// <exception cref="InvalidDataException">A folder of that name is not ours to replace.</exception>
    public double? Begin(StageIdentity identity, bool resumes)
    {
        if (Directory.Exists(Path) && !File.Exists(System.IO.Path.Combine(Path, RecordName)) && Directory.EnumerateFileSystemEntries(Path).Any())
            throw new InvalidDataException($"{Path} exists and was not written by a run (it has no {RecordName}); stage '{name}' would replace it: choose another output folder or move it away");
        var marker = RunJson.ReadIfWhole<Marker>(System.IO.Path.Combine(Partial, MarkerName));
        var goesOn = resumes && marker?.Fingerprint == identity.Fingerprint;
        if (!goesOn)
            Discard();
        else if (Directory.Exists(Result))
            Directory.Delete(Result, recursive: true);
        Directory.CreateDirectory(Result);
        if (!goesOn)
            Keep(identity, seconds: 0);
        return goesOn ? marker!.Seconds : null;
    }

    /// <summary>Copies the stage from another run folder when it was done there with the same identity.</summary>
    /// <returns>What it took there, or null when there is nothing to copy.</returns>
    public StageEffort? CopyOf(string otherRun, StageIdentity identity)
    {
        var other = new StageFolder(otherRun, name);
        if (other.Finished() is not { } record || record.Fingerprint != identity.Fingerprint)
            return null;
        Begin(identity, resumes: false);
        foreach (var file in record.Files.Keys)
        {
            var target = System.IO.Path.Combine(Result, file);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            File.Copy(System.IO.Path.Combine(other.Path, file), target);
        }
        Complete(identity, record.Effort);
        return record.Effort;
    }

    /// <summary>Keeps a stopped attempt for a later run.</summary>
    public void Keep(StageIdentity identity, double seconds) => RunJson.Write(System.IO.Path.Combine(Partial, MarkerName), new Marker(identity.Fingerprint, seconds));

    /// <summary>Deletes an attempt.</summary>
    /// <exception cref="InvalidDataException">The folder is not one that a run made.</exception>
    public void Discard()
    {
        if (!Directory.Exists(Partial))
            return;
        var marker = System.IO.Path.Combine(Partial, MarkerName);
        if (!File.Exists(marker) && Directory.EnumerateFiles(Partial, "*", SearchOption.AllDirectories).Any(file => file != RunJson.Temporary(marker))) // killed while the marker was written
            throw new InvalidDataException($"{Partial} exists and was not written by a run; move it away");
        foreach (var content in Directory.EnumerateDirectories(Partial)) // before the marker: whoever is killed here leaves a folder that is still ours
            Directory.Delete(content, recursive: true);
        Directory.Delete(Partial, recursive: true);
    }

    /// <summary>Makes the attempt the stage's result.</summary>
    public void Complete(StageIdentity identity, StageEffort effort)
    {
        var files = Directory.EnumerateFiles(Result, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .ToDictionary(file => System.IO.Path.GetRelativePath(Result, file).Replace('\\', '/'), file => new FileInfo(file).Length);
        RunJson.Write(System.IO.Path.Combine(Result, RecordName), new StageRecord(name, identity.Fingerprint, identity.Facts, effort.Seconds, files, effort.PeakMemory, effort.Warnings));
        if (Directory.Exists(_replaced))
            Directory.Delete(_replaced, recursive: true);
        if (Directory.Exists(Path))
            Directory.Move(Path, _replaced);
        Directory.Move(Result, Path);
        if (Directory.Exists(_replaced))
            Directory.Delete(_replaced, recursive: true);
        Discard();
    }

    private sealed record Marker(string Fingerprint, double Seconds);
}
