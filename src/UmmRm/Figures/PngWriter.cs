using SkiaSharp;

namespace UmmRm.Figures;

/// <summary>Writes drawings as PNG, bright, from the same marks as SVG. Texts need a font of this machine.</summary>
public static class PngWriter
{
    private static readonly string[] Families = ["Inter", "Segoe UI", "Helvetica Neue", "Liberation Sans", "DejaVu Sans", "Noto Sans", "Arial"];
    private static readonly Lazy<(SKTypeface? Regular, SKTypeface? Bold)> Faces = new(() => (Face(SKFontStyle.Normal), Face(SKFontStyle.Bold)));

    /// <summary>Why no PNG can be written here, or null when one can.</summary>
    public static string? Obstacle
    {
        get
        {
            try
            {
                return Faces.Value.Regular is null ? "this machine has no font that PNG figures could be lettered with; install one (on Debian: fonts-dejavu-core)" : null;
            }
            catch (Exception e) when (e is DllNotFoundException or TypeInitializationException or EntryPointNotFoundException)
            {
                return $"the drawing library cannot be loaded here ({e.GetBaseException().Message})";
            }
        }
    }

    /// <summary>A whole PNG file.</summary>
    /// <param name="figure">The figure; it gets its heading.</param>
    /// <param name="width">Units across.</param>
    /// <param name="scale">Pixels a unit.</param>
    /// <exception cref="InvalidOperationException">There is an <see cref="Obstacle"/>.</exception>
    public static byte[] ToFile(IFigure figure, double width, float scale = 2)
    {
        if (Obstacle is { } obstacle)
            throw new InvalidOperationException(obstacle);
        var drawing = SvgWriter.Titled(figure, width);
        using var bitmap = new SKBitmap((int)Math.Ceiling(drawing.Width * scale), (int)Math.Ceiling(drawing.Height * scale));
        using (var canvas = new SKCanvas(bitmap))
        {
            canvas.Clear(SKColor.Parse(Palette.Surface.Light));
            canvas.Scale(scale);
            foreach (var mark in drawing.Marks)
                Draw(canvas, mark);
        }
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    private static void Draw(SKCanvas canvas, Mark mark)
    {
        using var paint = new SKPaint { Color = SKColor.Parse(mark.Ink.Light), IsAntialias = true };
        switch (mark)
        {
            case Stroke stroke:
                (paint.Style, paint.StrokeWidth, paint.StrokeJoin) = (SKPaintStyle.Stroke, (float)stroke.Width, SKStrokeJoin.Round);
                using (var dashes = stroke.Dashed ? SKPathEffect.CreateDash([6, 4], 0) : null)
                using (var line = PathOf(stroke.Spots))
                {
                    paint.PathEffect = dashes;
                    canvas.DrawPath(line, paint);
                    paint.PathEffect = null;
                }
                break;
            case Area area:
                paint.Color = Faded(paint.Color, area.Opacity);
                using (var outline = PathOf(area.Spots))
                    canvas.DrawPath(outline, paint);
                break;
            case Box box:
                paint.Color = Faded(paint.Color, box.Opacity);
                canvas.DrawRoundRect((float)box.X, (float)box.Y, (float)box.Width, (float)box.Height, 2, 2, paint);
                break;
            case Dot dot:
                paint.Color = Faded(paint.Color, dot.Opacity);
                canvas.DrawCircle((float)dot.At.X, (float)dot.At.Y, (float)dot.Radius, paint);
                break;
            case Label label:
                Write(canvas, label, paint);
                break;
        }
    }

    private static void Write(SKCanvas canvas, Label label, SKPaint paint)
    {
        using var font = new SKFont(label.Bold ? Faces.Value.Bold : Faces.Value.Regular, (float)label.Size) { Subpixel = true };
        canvas.Save();
        canvas.RotateDegrees((float)label.Turn, (float)label.At.X, (float)label.At.Y);
        var align = label.Anchor switch
        {
            Anchor.Middle => SKTextAlign.Center,
            Anchor.End => SKTextAlign.Right,
            _ => SKTextAlign.Left,
        };
        canvas.DrawText(label.Text, (float)label.At.X, (float)label.At.Y, align, font, paint);
        canvas.Restore();
    }

    private static SKColor Faded(SKColor color, double opacity) => color.WithAlpha((byte)Math.Round(255 * Math.Clamp(opacity, 0, 1)));

    private static SKPath PathOf(IReadOnlyList<Spot> spots)
    {
        var path = new SKPath();
        foreach (var (index, spot) in spots.Index())
        {
            if (index == 0)
                path.MoveTo((float)spot.X, (float)spot.Y);
            else
                path.LineTo((float)spot.X, (float)spot.Y);
        }
        return path;
    }

    /// <summary>The first of the wanted families that is here, else any font with Latin letters.</summary>
    private static SKTypeface? Face(SKFontStyle style)
    {
        var known = Families.FirstOrDefault(family => SKFontManager.Default.FontFamilies.Contains(family));
        var face = known is not null ? SKFontManager.Default.MatchFamily(known, style) : SKFontManager.Default.MatchCharacter('a');
        return face is not null && face.ContainsGlyphs("a0") ? face : null;
    }
}
