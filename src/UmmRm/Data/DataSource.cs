using System.Globalization;
using System.Text.RegularExpressions;

namespace UmmRm.Data;

/// <summary>
/// Where rows come from: a file (.jsonl, .json, .parquet; .gz too), a folder with one split of it, or a data set that
/// <see cref="HubData"/> fetches; all rows or a slice of them. Slices count rows as published: rows that turn out bad are dropped afterwards.
/// </summary>
/// <param name="Path">A file, a folder, a hub id (<c>org/name[@revision]</c>) or a name of <see cref="NamedDataSets"/>.</param>
/// <param name="Split">Which split of a folder, such as <c>train</c> or <c>harmless-base/train</c>; null when there is one split only, or for a file.</param>
/// <param name="Start">First row of the slice, 0-based.</param>
/// <param name="End">Row before which the slice ends; null for all that follow.</param>
public sealed partial record DataSource(string Path, string? Split = null, int Start = 0, int? End = null)
{
    /// <summary>The files that were fetched for it, in order; null looks for them at <see cref="Path"/>.</summary>
    internal IReadOnlyList<string>? Fetched { get; init; }

    /// <summary>Reads <c>PATH[:SPLIT]</c>, where a split may carry a slice: <c>data</c>, <c>data:train</c>, <c>data:train[0:12000]</c>, <c>rows.jsonl:[500:]</c>.</summary>
    /// <exception cref="ArgumentException">The slice is malformed or empty.</exception>
    public static DataSource Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            throw new ArgumentException("the data source is empty; expected a file, or a folder with a split as in data:train");
        if (System.IO.Path.Exists(text))
            return new DataSource(text);
        var slice = Sliced().Match(text);
        if (!slice.Success)
            return text.EndsWith(']') ? throw BadSlice(text, "expected PATH:SPLIT[FIRST:END] with row numbers from 0, END not included") : WithSplit(text);
        var (start, end) = (RowNumber(slice.Groups["start"].Value, text) ?? 0, RowNumber(slice.Groups["end"].Value, text));
        return start >= end
            ? throw BadSlice(text, "it is empty; FIRST must be smaller than END")
            : WithSplit(slice.Groups["rest"].Value) with { Start = start, End = end };
    }

    /// <summary>The files that hold the rows, in order.</summary>
    /// <exception cref="FileNotFoundException">There is no such file or folder, no such split, or a part of it is missing.</exception>
    /// <exception cref="ArgumentException">A split is asked of a file, or the folder has several and none was named.</exception>
    public IReadOnlyList<string> Files()
    {
        if (Fetched is not null)
            return Fetched;
        if (File.Exists(Path))
            return Split is null ? [Path] : throw new ArgumentException($"{this}: a file has no splits; name it without :{Split}, or a slice of its rows as in {Path}:[0:100]");
        if (Directory.Exists(Path))
            return DataFolder.Files(Path, Split);
        throw new FileNotFoundException($"'{Path}' is no file or folder; expected a .jsonl, .json or .parquet file, a folder of them, a hub id (org/name), or one of {NamedDataSets.Names}");
    }

    /// <summary>The rows of the slice, read as they are asked for.</summary>
    /// <param name="columns">The columns wanted, where the format can leave others unread; null for all.</param>
    /// <exception cref="InvalidDataException">A file is damaged, or has fewer rows than the slice asks for; the message names file and row.</exception>
    public IEnumerable<DataRow> Rows(IReadOnlyCollection<string>? columns = null)
    {
        var position = 0;
        foreach (var row in Files().SelectMany(file => ParquetFile.IsNameOf(file) ? ParquetFile.Read(file, columns) : JsonRows.Read(file)))
        {
            if (position >= Start)
                yield return row;
            if (++position == End)
                yield break;
        }
        if (End is not null || position < Start)
            throw new InvalidDataException($"{this}: there are {position} rows only; ask for fewer, or leave the slice's end open as in [{Math.Min(Start, position)}:]");
    }

    /// <summary>The source as <see cref="Parse"/> reads it.</summary>
    public override string ToString()
    {
        var slice = Start == 0 && End is null ? "" : $"[{Start}:{End}]";
        return Split is null && slice.Length == 0 ? Path : $"{Path}:{Split}{slice}";
    }

    private static DataSource WithSplit(string text)
    {
        var split = SplitName().Match(text);
        return split.Success ? new DataSource(split.Groups["path"].Value, split.Groups["split"].Value is { Length: > 0 } name ? name : null) : new DataSource(text);
    }

    private static int? RowNumber(string digits, string text) => digits.Length == 0 ? null
        : int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw BadSlice(text, $"{digits} is too large for a row number");

    private static ArgumentException BadSlice(string text, string why) => new($"the slice of '{text}' cannot be read: {why}");

    [GeneratedRegex(@"^(?<rest>.+:([\w.\-]+(/[\w.\-]+)*)?)\[(?<start>[0-9]*):(?<end>[0-9]*)\]$")]
    private static partial Regex Sliced();

    [GeneratedRegex(@"^(?<path>.+):(?<split>([\w.\-]+(/[\w.\-]+)*)?)$")]
    private static partial Regex SplitName();
}
