using System.Globalization;

namespace UmmRm.Figures;

/// <summary>A matrix of numbers as cells: the further a number is from the middle the stronger its colour, one colour above and one below. Every cell says its number.</summary>
public sealed record HeatMap : IFigure
{
    /// <inheritdoc/>
    public required string Name { get; init; }

    /// <inheritdoc/>
    public required string Title { get; init; }

    /// <inheritdoc/>
    public required string Caption { get; init; }

    /// <summary>The rows' names.</summary>
    public required IReadOnlyList<string> Rows { get; init; }

    /// <summary>The columns' names.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>A number for each row and column; NaN where there is none.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> Cells { get; init; }

    /// <summary>The number without colour.</summary>
    public double Middle { get; init; }

    /// <summary>Decimals in cells; all have fewer where so many do not fit.</summary>
    public int Decimals { get; init; } = 2;

    /// <summary>Above which row a gap separates it from the one before: groups of rows.</summary>
    public IReadOnlySet<int> Gaps { get; init; } = new HashSet<int>();

    /// <inheritdoc/>
    public Drawing Draw(double width)
    {
        var size = width < 480 ? 10.0 : 12;
        var left = Math.Min(0.36 * width, Rows.Max(row => Label.WidthOf(row, size)) + 11);
        var last = Math.Min(70, Label.WidthOf(Columns[^1], size) * 0.71); // a turned name leans over its column's edge
        var cell = Math.Min(64, (width - left - last) / (Columns.Count - 0.5));
        var flat = Columns.All(column => Label.WidthOf(column, size) < cell - 4);
        var top = flat ? 22 : Math.Min(130, (Columns.Max(column => Label.WidthOf(column, size)) * 0.72) + 16);
        var high = width < 480 ? 20.0 : 26;
        var most = Cells.SelectMany(row => row).Where(double.IsFinite).Select(value => Math.Abs(value - Middle)).DefaultIfEmpty(1).Max();
        var decimals = Enumerable.Range(0, Decimals + 1).Select(fewer => Decimals - fewer).FirstOrDefault(decimals => Cells.SelectMany(row => row).All(value => Label.WidthOf(Text(value, decimals), size - 1) <= cell), -1);
        var marks = new List<Mark>();
        foreach (var (column, name) in Columns.Index())
        {
            var x = left + ((column + 0.5) * cell);
            marks.Add(flat ? new Label(new(x, top - 8), name, Palette.Muted, size, Anchor.Middle) : new Label(new(x + 2, top - 6), name, Palette.Muted, size) { Turn = -45 });
        }
        var y = top;
        foreach (var (row, name) in Rows.Index())
        {
            y += Gaps.Contains(row) ? 8 : 0;
            marks.Add(new Label(new(left - 7, y + (high / 2) + 4), Short(name, left, size), Palette.Text, size, Anchor.End) { Tip = name });
            foreach (var (column, value) in Cells[row].Index())
                marks.AddRange(Cell(row, column, value, new Box(left + (column * cell) + 1, y + 1, cell - 2, high - 2, value >= Middle ? Palette.Above : Palette.Below, 0), most, size, decimals));
            y += high;
        }
        return new Drawing(width, y + 6, marks);
    }

    /// <inheritdoc/>
    public FigureTable Numbers() => new(["row", .. Columns], [.. Rows.Zip(Cells, IReadOnlyList<object?> (row, cells) => [row, .. cells.Select(value => (object?)value)])]);

    private IEnumerable<Mark> Cell(int row, int column, double value, Box box, double most, double size, int decimals)
    {
        var tip = $"{Rows[row]}, {Columns[column]}: {(double.IsFinite(value) ? value.ToString("0.####", CultureInfo.InvariantCulture) : "none")}";
        yield return box with { Opacity = double.IsFinite(value) && most > 0 ? 0.04 + (0.56 * Math.Abs(value - Middle) / most) : 0.02, Tip = tip };
        if (decimals >= 0)
            yield return new Label(new(box.X + (box.Width / 2), box.Y + (box.Height / 2) + 4), Text(value, decimals), Palette.Text, size - 1, Anchor.Middle) { Tip = tip };
    }

    /// <summary>A number with so many decimals, without the zero before the point.</summary>
    private static string Text(double value, int decimals)
    {
        if (!double.IsFinite(value))
            return "-";
        var text = value.ToString($"F{decimals}", CultureInfo.InvariantCulture);
        return text.TrimStart('-').StartsWith("0.", StringComparison.Ordinal) ? text.Replace("0.", ".", StringComparison.Ordinal) : text;
    }

    /// <summary>A name that fits: what is too long loses its middle, since names of a group differ at their ends.</summary>
    private static string Short(string name, double room, double size)
    {
        const int Kept = 8;
        if (Label.WidthOf(name, size) <= room - 10 || name.Length <= Kept + 2)
            return name;
        var (head, tail) = (name[..^Kept], name[^Kept..]);
        while (head.Length > 1 && Label.WidthOf($"{head}…{tail}", size) > room - 10)
            head = head[..^1];
        return $"{head}…{tail}";
    }
}
