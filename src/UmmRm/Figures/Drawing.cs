namespace UmmRm.Figures;

/// <summary>A place in a drawing: units to the right and down from its upper left corner; a unit is a pixel at 100 %.</summary>
public readonly record struct Spot(double X, double Y);

/// <summary>On which side of its place a text stands.</summary>
public enum Anchor
{
    /// <summary>It begins there.</summary>
    Start,

    /// <summary>It is centred there.</summary>
    Middle,

    /// <summary>It ends there.</summary>
    End,
}

/// <summary>One thing that is drawn.</summary>
/// <param name="Ink">Its colour.</param>
public abstract record Mark(Ink Ink)
{
    /// <summary>The series it belongs to, so that a page can bring that out; or null.</summary>
    public string? Series { get; init; }

    /// <summary>What a reader who points at it is told, or null.</summary>
    public string? Tip { get; init; }
}

/// <summary>A line through places.</summary>
public sealed record Stroke(IReadOnlyList<Spot> Spots, Ink Ink, double Width = 1, bool Dashed = false) : Mark(Ink);

/// <summary>A filled polygon.</summary>
public sealed record Area(IReadOnlyList<Spot> Spots, Ink Ink, double Opacity) : Mark(Ink);

/// <summary>A filled rectangle.</summary>
public sealed record Box(double X, double Y, double Width, double Height, Ink Ink, double Opacity) : Mark(Ink);

/// <summary>A filled disc; with opacity 0 it is only there to be pointed at.</summary>
public sealed record Dot(Spot At, double Radius, Ink Ink, double Opacity = 1) : Mark(Ink);

/// <summary>A line of text; the place is on its base line.</summary>
public sealed record Label(Spot At, string Text, Ink Ink, double Size = 12, Anchor Anchor = Anchor.Start, bool Bold = false) : Mark(Ink)
{
    /// <summary>Degrees, clockwise about its place.</summary>
    public double Turn { get; init; }

    /// <summary>About how wide a text is, for layouts: no font is asked.</summary>
    public static double WidthOf(string text, double size, bool bold = false) => text.Sum(Width) * size * (bold ? 1.1 : 1);

    /// <summary>A letter's width in letter sizes, as in a wide sans serif.</summary>
    private static double Width(char letter) => letter switch
    {
        'm' or 'w' or 'M' or 'W' => 0.95,
        'i' or 'j' or 'l' or 'f' or 't' or '.' or ',' or ':' or ';' or ' ' or '-' or '|' or '\'' or '(' or ')' or '[' or ']' => 0.36,
        _ => 0.62,
    };
}

/// <summary>A figure laid out at one size, as a list of marks from back to front: written as SVG and as PNG from the very same list.</summary>
/// <param name="Width">Units across.</param>
/// <param name="Height">Units down.</param>
/// <param name="Marks">What is drawn.</param>
public sealed record Drawing(double Width, double Height, IReadOnlyList<Mark> Marks);
