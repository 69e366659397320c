namespace UmmRm.Recipes;

/// <summary>Where a piece of a recipe was written: a place in a file, or a <c>--set</c> option.</summary>
/// <param name="Source">The file's path, or the option as it was given.</param>
/// <param name="Line">Line from 1; 0 for an option.</param>
/// <param name="Column">Column from 1.</param>
internal readonly record struct Origin(string Source, long Line, long Column)
{
    public static Origin Option(string text) => new(text, 0, 0);

    /// <summary>The error for something wrong here: ArgumentException for an option, InvalidDataException for a file.</summary>
    public Exception Error(string message) =>
        Line == 0 ? new ArgumentException($"{Source}: {message}") : new InvalidDataException($"{Source}:{Line}:{Column}: {message}");
}
