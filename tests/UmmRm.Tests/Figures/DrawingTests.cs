using System.Globalization;
using System.Xml.Linq;
using UmmRm.Figures;

namespace UmmRm.Tests.Figures;

public sealed class DrawingTests
{
    private static readonly LineChart Lines = new()
    {
        Name = "lines",
        Title = "A < B & \"C\"",
        Caption = "",
        XTitle = "updates",
        YTitle = "gold",
        Series =
        [
            new("one", Palette.Of(MethodFamily.Dense, 0), [new(0, 1, 0.5, 1.5), new(10, 2, 1.5, 2.5), new(20, 1.2, 1, 1.4)]) { Strong = true },
            new("two <2>", Palette.Of(MethodFamily.Merged, 0), [new(0, 1), new(10, 1.19), new(20, 1.21)]) { Dashed = true },
            new("three", Palette.Of(MethodFamily.Merged, 1), [new(0, 1)]),
        ],
    };

    private static readonly HeatMap Cells = new() { Name = "cells", Title = "cells", Caption = "", Rows = ["a rather long name of a row", "b"], Columns = ["x", "another long name"], Cells = [[1, -2], [double.NaN, 0.5]] };

    private static readonly IntervalChart Dots = new()
    {
        Name = "dots",
        Title = "dots",
        Caption = "",
        Panels = ["left", "right"],
        Nothing = 0.5,
        Rows = [new("dense", Palette.Text, [new Measured(0.6, 0.55, 0.65), null]) { Baseline = true }, new("other", Palette.Above, [new Measured(0.45, 0.4, 0.5), new Measured(0.7, 0.65, 0.75)])],
    };

    private static readonly PanelChart Panels = new()
    {
        Name = "panels",
        Title = "panels",
        Caption = "",
        XTitle = "updates",
        YTitle = "gold",
        Legend = [new("gold", Palette.Text, [])],
        Panels = [.. Enumerable.Range(0, 6).Select(i => new Panel($"panel {i}", Palette.Text, [new("gold", Palette.Text, [new(0, i, i - 1, i + 1), new(10, -i, -i - 0.5, -i + 0.5)])]))],
    };

    public static TheoryData<IFigure, double> All => new MatrixTheoryData<IFigure, double>([Lines, Cells, Dots, Panels], [350, 920]);

    [Theory]
    [MemberData(nameof(All), DisableDiscoveryEnumeration = true)]
    public void Svg_AnyFigureAndWidth_IsXmlWithEveryShapeInside(IFigure figure, double width)
    {
        var svg = XDocument.Parse(SvgWriter.ToFile(figure, width)).Root!;
        var view = svg.Attribute("viewBox")!.Value.Split(' ').Select(Number).ToArray();
        Assert.Equal(width, view[2]);
        foreach (var circle in svg.Descendants().Where(element => element.Name.LocalName == "circle"))
        {
            Assert.InRange(Number(circle.Attribute("cx")!.Value), 0, view[2]);
            Assert.InRange(Number(circle.Attribute("cy")!.Value), 0, view[3]);
        }
        foreach (var path in svg.Descendants().Where(element => element.Name.LocalName == "path"))
        {
            foreach (var spot in path.Attribute("d")!.Value.Trim('M', 'Z').Split('L').Select(spot => spot.Split(' ').Select(Number).ToArray()))
            {
                Assert.InRange(spot[0], 0, view[2]);
                Assert.InRange(spot[1], 0, view[3]);
            }
        }
        Assert.DoesNotContain("NaN", svg.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(All), DisableDiscoveryEnumeration = true)]
    public void Png_AnyFigureAndWidth_HasItsSizeAndIsNotBlank(IFigure figure, double width)
    {
        Assert.SkipWhen(PngWriter.Obstacle is not null, PngWriter.Obstacle ?? "");
        using var bitmap = SkiaSharp.SKBitmap.Decode(PngWriter.ToFile(figure, width));
        Assert.Equal((int)(2 * width), bitmap.Width);
        Assert.InRange(bitmap.Pixels.Count(pixel => pixel != SkiaSharp.SKColors.White) / (double)bitmap.Pixels.Length, 0.005, 0.6);
    }

    [Fact]
    public void Svg_Names_AreEscapedAndTellTheirSeries()
    {
        var svg = SvgWriter.ToElement(Lines, 920);
        Assert.Contains("aria-label=\"A &lt; B &amp; &quot;C&quot;\"", svg, StringComparison.Ordinal);
        Assert.Contains("data-series=\"two &lt;2&gt;\"", svg, StringComparison.Ordinal);
        Assert.Contains("data-tip=\"one: 2 [1.5, 2.5] at 10 updates\"", svg, StringComparison.Ordinal);
    }

    [Fact]
    public void LineChart_LargerNumber_LiesHigherAndFurtherRight()
    {
        var curve = Lines.Draw(920).Marks.OfType<Stroke>().Single(mark => mark is { Series: "one", Width: 3, Spots.Count: 3 });
        Assert.True(curve.Spots[0].X < curve.Spots[1].X && curve.Spots[1].X < curve.Spots[2].X);
        Assert.True(curve.Spots[1].Y < curve.Spots[2].Y && curve.Spots[2].Y < curve.Spots[0].Y);
    }

    [Fact]
    public void PanelChart_EveryPanel_HasTheSameScale()
    {
        var ends = Panels.Draw(920).Marks.OfType<Stroke>().Where(mark => mark.Series == "gold" && mark.Width == 1.9).ToList(); // the legend's line is wider
        Assert.Equal(6, ends.Count);
        var units = ends.Skip(1).Select((stroke, i) => (stroke.Spots[1].Y - stroke.Spots[0].Y) / (2 * (i + 1))); // panel i falls from i to -i
        Assert.All(units, unit => Assert.Equal((ends[1].Spots[1].Y - ends[1].Spots[0].Y) / 2, unit, 9));
    }

    [Fact]
    public void LineChart_CurvesThatEndApart_HaveTheirNamesBelow()
    {
        var below = Lines.Draw(920).Marks.OfType<Label>().Single(label => label.Text == "one");
        var axis = Lines.Draw(920).Marks.OfType<Label>().Single(label => label.Text == "updates");
        Assert.True(below.At.Y > axis.At.Y);
        var together = Lines with { Series = [.. Lines.Series.Take(2)] };
        Assert.True(together.Draw(920).Marks.OfType<Label>().Single(label => label.Text == "one").At.X > axis.At.X - 200);
        Assert.True(together.Draw(920).Marks.OfType<Label>().Single(label => label.Text == "one").At.Y < axis.At.Y);
    }

    [Fact]
    public void LineChart_IntervalsFarWiderThanTheCurves_AreCutAndLeaveTheCurvesTheirRoom()
    {
        var wide = Lines with { Series = [Lines.Series[0] with { Points = [new(0, 1, -100, 100), new(10, 2, -100, 100), new(20, 1.2, -100, 100)] }] };
        var curve = wide.Draw(920).Marks.OfType<Stroke>().Single(mark => mark is { Series: "one", Width: 3, Spots.Count: 3 });
        Assert.True(curve.Spots.Max(spot => spot.Y) - curve.Spots.Min(spot => spot.Y) > 330 / 3.0);
        Assert.Equal(-100.0, wide.Numbers().Rows[0][3]); // numbers are whole
    }

    [Fact]
    public void HeatMap_NameTooLongForItsRoom_LosesItsMiddle()
    {
        var rows = Cells with { Rows = ["umm-k4-by-some-long-method, layer 0", "umm-k4-by-some-long-method, layer 1"] };
        string[] Names(double width) => [.. rows.Draw(width).Marks.OfType<Label>().Where(label => label.Anchor == Anchor.End).Select(label => label.Text)];
        Assert.Equal(rows.Rows, Names(920));
        Assert.All(Names(350).Index(), name => Assert.Matches($"^umm-.*….*, layer {name.Index}$".Replace(", ", "", StringComparison.Ordinal), name.Item));
    }

    [Fact]
    public void HeatMap_CellsTooNarrowForSomeNumbers_AllHaveFewerDecimals()
    {
        var narrow = Cells with { Columns = [.. Enumerable.Range(0, 14).Select(i => $"column {i}")], Rows = ["a"], Cells = [[.. Enumerable.Range(0, 14).Select(i => i == 3 ? -2.44 : 0.31)]] };
        var texts = narrow.Draw(350).Marks.OfType<Label>().Where(label => label.Anchor == Anchor.Middle).Select(label => label.Text).ToList();
        Assert.Contains("-2.4", texts);
        Assert.Equal(13, texts.Count(text => text == ".3"));
    }

    [Theory]
    [InlineData(0, 1, "0.0 0.2 0.4 0.6 0.8 1.0")]
    [InlineData(0, 1280, "0 500 1000")]
    [InlineData(-0.03, 0.04, "-0.02 0.00 0.02 0.04")]
    [InlineData(7, 7, "6.6 6.8 7.0 7.2 7.4")]
    public void AxisScale_Ticks_AreRoundNumbersWithEnoughDecimals(double low, double high, string expected)
    {
        var axis = AxisScale.For([low, high, double.NaN], 0, 100);
        Assert.Equal(expected, string.Join(' ', axis.Ticks.Select(axis.TextOf)));
        Assert.All(axis.Ticks, tick => Assert.InRange(axis.At(tick), 0, 100));
    }

    [Fact]
    public void LineChart_NamesOfCurvesThatEndTogether_AreApartAndInTheirOrder()
    {
        double[] placed = LineChart.Apart([100, 101, 102, 300, 301], 15, 0, 310);
        Assert.All(placed.Zip(placed.Skip(1)), pair => Assert.True(pair.Second - pair.First >= 15 - 1e-9));
        Assert.True(placed[^1] <= 310);
        Assert.Equal([86, 101, 116], placed[..3].Select(height => Math.Round(height, 9))); // about their middle
        Assert.Equal([0, 15, 30], LineChart.Apart([-5, -4, -3], 15, 0, 310));
    }

    [Fact]
    public void HeatMap_StrongestColour_IsFurthestFromTheMiddle()
    {
        var boxes = Cells.Draw(920).Marks.OfType<Box>().ToList();
        Assert.Equal(-2, Cells.Cells[0][1]);
        Assert.Equal(boxes.Max(box => box.Opacity), boxes[1].Opacity);
        Assert.Equal(Palette.Below, boxes[1].Ink);
        Assert.Equal(Palette.Above, boxes[0].Ink);
    }

    [Fact]
    public void Palette_InksOfOneName_AreOneColour() => Assert.All(Palette.All.GroupBy(ink => ink.Name), inks => Assert.Single(inks.Distinct()));

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
