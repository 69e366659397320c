namespace UmmRm.Figures;

/// <summary>A figure: data with a way to lay them out at any width.</summary>
public interface IFigure
{
    /// <summary>Its name as a file's.</summary>
    string Name { get; }

    /// <summary>Its heading.</summary>
    string Title { get; }

    /// <summary>What is shown and how it was made, in a sentence or two.</summary>
    string Caption { get; }

    /// <summary>Lays it out.</summary>
    /// <param name="width">Units across; below 480 legends go under the plot.</param>
    Drawing Draw(double width);

    /// <summary>The numbers that are drawn, for CSV and JSON.</summary>
    FigureTable Numbers();
}

/// <summary>A figure's numbers, unrounded.</summary>
/// <param name="Columns">Names.</param>
/// <param name="Rows">Texts, numbers, or null where there is none.</param>
public sealed record FigureTable(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<object?>> Rows);
