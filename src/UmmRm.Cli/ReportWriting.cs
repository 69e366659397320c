using UmmRm.Recipes;
using UmmRm.Reports;

namespace UmmRm.Cli;

/// <summary>Writes the report of a run folder, for the verb and for runs that end with one.</summary>
internal static class ReportWriting
{
    /// <summary>The page's name in a run folder.</summary>
    public const string PageName = "report.html";

    /// <summary>A page's path, as it was asked for.</summary>
    /// <exception cref="UsageException">It is no page's name.</exception>
    public static string Page(string path)
    {
        if (Directory.Exists(path) || Path.GetExtension(path).ToLowerInvariant() is not (".html" or ".htm"))
            throw new UsageException($"--output is '{path}'; a file that ends in .html is expected");
        return path;
    }

    /// <summary>Writes page, JSON and figures, and returns what they show.</summary>
    public static RunReport Write(Terminal terminal, string folder, string page, bool shiftMinimum = false)
    {
        var report = RunReading.Open(folder).Read();
        if (ReportFiles.Write(report, page, shiftMinimum) is { } obstacle)
            terminal.Warn($"no PNG figures: {obstacle}. SVG figures are there");
        return report;
    }

    /// <summary>Writes a finished run's report into its folder and says where it lies. The run is done: a report that cannot be written is no failure of it.</summary>
    public static void AtEnd(Terminal terminal, string folder)
    {
        var page = Path.Combine(folder, PageName);
        try
        {
            Write(terminal, folder, page);
            terminal.Note($"report: {page}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            terminal.Warn($"the report could not be written: {e.Message} Later: ummrm report {folder}");
        }
    }
}
