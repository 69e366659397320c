using System.Globalization;
using System.Net;
using System.Text;

namespace UmmRm.Figures;

/// <summary>Writes drawings as SVG. Colours are attributes, which every viewer reads, and classes, by which a style sheet turns them over on a dark page.</summary>
public static class SvgWriter
{
    private const string Font = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif";

    /// <summary>Style rules that give every ink its colour on a dark page.</summary>
    public static string DarkRules { get; } = string.Concat(Palette.All.Select(ink => $".f-{ink.Name}{{fill:{ink.Dark}}}.s-{ink.Name}{{stroke:{ink.Dark}}}"));

    /// <summary>A whole SVG file with its heading, readable on bright and dark pages.</summary>
    public static string ToFile(IFigure figure, double width)
    {
        var drawing = Titled(figure, width);
        var rules = $"<style>@media (prefers-color-scheme: dark){{{DarkRules}}}</style>";
        return $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{N(drawing.Width)}\" height=\"{N(drawing.Height)}\" {Attributes(drawing, figure.Title)}>{rules}<rect width=\"100%\" height=\"100%\" fill=\"{Palette.Surface.Light}\" class=\"f-surface\"/>{Marks(drawing)}</svg>\n";
    }

    /// <summary>An svg element for a page; the page has its heading, and <see cref="DarkRules"/>.</summary>
    public static string ToElement(IFigure figure, double width)
    {
        var drawing = figure.Draw(width);
        return $"<svg {Attributes(drawing, figure.Title)}>{Marks(drawing)}</svg>";
    }

    /// <summary>The drawing with its heading above it and a margin around, as it stands alone.</summary>
    internal static Drawing Titled(IFigure figure, double width)
    {
        const double Margin = 16, Heading = 34;
        var drawing = figure.Draw(width - (2 * Margin));
        return new Drawing(width, drawing.Height + Heading + Margin,
            [new Label(new(Margin, 26), figure.Title, Palette.Text, 15, Bold: true), .. drawing.Marks.Select(mark => Moved(mark, Margin, Heading))]);
    }

    private static Mark Moved(Mark mark, double x, double y)
    {
        return mark switch
        {
            Stroke stroke => stroke with { Spots = [.. stroke.Spots.Select(Move)] },
            Area area => area with { Spots = [.. area.Spots.Select(Move)] },
            Box box => box with { X = box.X + x, Y = box.Y + y },
            Dot dot => dot with { At = Move(dot.At) },
            Label label => label with { At = Move(label.At) },
            _ => throw Unknown(mark),
        };

        Spot Move(Spot spot) => new(spot.X + x, spot.Y + y);
    }

    private static string Attributes(Drawing drawing, string title) =>
        $"viewBox=\"0 0 {N(drawing.Width)} {N(drawing.Height)}\" role=\"img\" aria-label=\"{Text(title)}\" font-family=\"{Font}\"";

    private static string Marks(Drawing drawing)
    {
        var text = new StringBuilder();
        foreach (var mark in drawing.Marks)
        {
            var series = mark.Series is null ? "" : $" data-series=\"{Text(mark.Series)}\"";
            var (element, end) = Element(mark);
            text.Append(element).Append(series).Append(mark.Tip is null ? $">{end}" : $" data-tip=\"{Text(mark.Tip)}\">{end}");
        }
        return text.ToString();
    }

    /// <summary>An element's start, without its closing bracket, and the rest after it.</summary>
    private static (string Start, string Close) Element(Mark mark) => mark switch
    {
        Stroke s => ($"<path d=\"M{Path(s.Spots)}\" fill=\"none\" {Paint("stroke", s.Ink)} stroke-width=\"{N(s.Width)}\" stroke-linejoin=\"round\"{(s.Dashed ? " stroke-dasharray=\"6 4\"" : "")}", "</path>"),
        Area a => ($"<path d=\"M{Path(a.Spots)}Z\" {Paint("fill", a.Ink)} fill-opacity=\"{N(a.Opacity)}\"", "</path>"),
        Box b => ($"<rect x=\"{N(b.X)}\" y=\"{N(b.Y)}\" width=\"{N(b.Width)}\" height=\"{N(b.Height)}\" rx=\"2\" {Paint("fill", b.Ink)} fill-opacity=\"{N(b.Opacity)}\"", "</rect>"),
        Dot d => ($"<circle cx=\"{N(d.At.X)}\" cy=\"{N(d.At.Y)}\" r=\"{N(d.Radius)}\" {Paint("fill", d.Ink)}{(d.Opacity < 1 ? $" fill-opacity=\"{N(d.Opacity)}\"" : "")}", "</circle>"),
        Label l => ($"<text x=\"{N(l.At.X)}\" y=\"{N(l.At.Y)}\" font-size=\"{N(l.Size)}\" {Paint("fill", l.Ink)}{AnchorOf(l)}{(l.Bold ? " font-weight=\"600\"" : "")}{(l.Turn == 0 ? "" : $" transform=\"rotate({N(l.Turn)} {N(l.At.X)} {N(l.At.Y)})\"")}", $"{Text(l.Text)}</text>"),
        _ => throw Unknown(mark),
    };

    private static ArgumentException Unknown(Mark mark) => new($"{mark.GetType().Name} is no mark that is known here");

    private static string Paint(string what, Ink ink) => $"{what}=\"{ink.Light}\" class=\"{what[0]}-{ink.Name}\"";

    private static string AnchorOf(Label label) => label.Anchor switch
    {
        Anchor.Middle => " text-anchor=\"middle\"",
        Anchor.End => " text-anchor=\"end\"",
        _ => "",
    };

    private static string Path(IReadOnlyList<Spot> spots) => string.Join('L', spots.Select(spot => $"{N(spot.X)} {N(spot.Y)}"));

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static string N(double number) => Math.Round(number, 2).ToString(CultureInfo.InvariantCulture);
}
