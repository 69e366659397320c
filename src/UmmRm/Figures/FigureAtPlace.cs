namespace UmmRm.Figures;

/// <summary>A figure whose heading says of which place in a grid it is, so that its file alone does too.</summary>
/// <param name="Figure">The figure.</param>
/// <param name="Place">The place, such as <c>learning_rate=5e-5</c>.</param>
public sealed record FigureAtPlace(IFigure Figure, string Place) : IFigure
{
    /// <inheritdoc/>
    public string Name => Figure.Name;

    /// <inheritdoc/>
    public string Title => $"{Figure.Title}, {Place}";

    /// <inheritdoc/>
    public string Caption => Figure.Caption;

    /// <inheritdoc/>
    public Drawing Draw(double width) => Figure.Draw(width);

    /// <inheritdoc/>
    public FigureTable Numbers() => Figure.Numbers();
}
