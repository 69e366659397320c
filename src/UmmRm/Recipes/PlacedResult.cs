using System.IO.Compression;
using UmmRm.Data;
using UmmRm.Weights;

namespace UmmRm.Recipes;

/// <summary>
/// Runs a recipe's one stage in a hidden folder beside an output and gives its result the output's name when it is whole. What stood there stays until
/// then, and the hidden folder is gone afterwards.
/// </summary>
public static class PlacedResult
{
    /// <summary>The name that the stage has to have.</summary>
    public const string Stage = "model";

    /// <summary>Places the stage's folder: a model.</summary>
    /// <param name="output">The folder's name; a model there is replaced, and nothing else is.</param>
    /// <param name="sources">The models that it is made from, none of which it may replace.</param>
    /// <param name="run">Runs the recipe in a run folder.</param>
    /// <exception cref="ArgumentException">The output is a source, a file, or a folder with something else than a model in it; found before anything is done.</exception>
    /// <exception cref="IOException">Another process makes the same output.</exception>
    public static void Model(string output, IEnumerable<string> sources, Action<string> run)
    {
        var target = Target(output);
        OutputFolder.RequireApart(target, sources);
        OutputFolder.RequireReplaceable(target);
        Beside(target, run, made =>
        {
            File.Delete(Path.Combine(made, "stage.json"));
            OutputFolder.Replace(made, target);
        });
    }

    /// <summary>Places one file of the stage's folder, gzipped where its new name ends in .gz.</summary>
    /// <param name="output">The file's new name; a file there is replaced.</param>
    /// <param name="name">Its name in the stage's folder.</param>
    /// <param name="run">Runs the recipe in a run folder.</param>
    /// <exception cref="ArgumentException">The output is a folder or a device; found before anything is done.</exception>
    /// <exception cref="IOException">Another process makes the same output.</exception>
    public static void OneFile(string output, string name, Action<string> run)
    {
        var target = Target(output);
        if (Directory.Exists(target))
            throw new ArgumentException($"the output {output} is a folder; name a file");
        if (JsonLinesWriter.IsDevice(target))
            throw new ArgumentException($"the output {output} is a device, which the result would replace; name a file");
        Beside(target, run, made => File.Move(target.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? Compressed(Path.Combine(made, name)) : Path.Combine(made, name), target, overwrite: true));
    }

    private static string Compressed(string file)
    {
        using var plain = File.OpenRead(file);
        using var compressed = new GZipStream(File.Create($"{file}.gz"), CompressionLevel.Optimal);
        plain.CopyTo(compressed);
        return $"{file}.gz";
    }

    private static string Target(string output) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(output));

    private static void Beside(string target, Action<string> run, Action<string> place)
    {
        var parent = Path.GetDirectoryName(target) ?? throw new ArgumentException($"the output {target} is the root of a drive; name something in it");
        var work = Path.Combine(parent, $".{Path.GetFileName(target)}.work");
        var owned = RunLock.Take(work);
        try
        {
            var folder = Path.Combine(work, "run");
            run(folder);
            place(Path.Combine(folder, Stage));
        }
        finally
        {
            owned.Dispose();
            Directory.Delete(work, recursive: true);
        }
    }
}
