using UmmRm.Data;

namespace UmmRm.Cli;

/// <summary>The value of --columns.</summary>
internal static class ColumnNames
{
    /// <summary>The file's names of columns, by ours; empty where the option was not given.</summary>
    /// <exception cref="UsageException">The value is no mapping.</exception>
    public static IReadOnlyDictionary<string, string> Of(string? value)
    {
        try
        {
            return value is null ? new Dictionary<string, string>() : ReadOptions.ParseColumns(value);
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"--columns: {e.Message}");
        }
    }
}
