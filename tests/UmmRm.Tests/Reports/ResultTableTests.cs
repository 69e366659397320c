using System.Text;
using System.Text.Json;
using UmmRm.Evaluation;
using UmmRm.Reports;

namespace UmmRm.Tests.Reports;

public sealed class ResultTableTests
{
    private static ResultTable Example()
    {
        var table = new ResultTable(new TableColumn("model"), new TableColumn("accuracy", RightAligned: true), new TableColumn("pairs", RightAligned: true));
        table.Add("dense", TableCell.Share(0.734, new Interval(0.712, 0.755)), TableCell.Count(1500));
        table.Add("UMM-RM k=4", TableCell.Share(1, new Interval(0.9985, 1)), TableCell.Count(12));
        table.Add("a|b", TableCell.Share(double.NaN), TableCell.Count(0));
        return table;
    }

    [Fact]
    public void ToText_TextsAndNumbers_AreFlushLeftAndRight() => Assert.Equal(
        """
        model                  accuracy  pairs
        ----------  -------------------  -----
        dense         .734 [.712, .755]  1,500
        UMM-RM k=4  1.000 [.999, 1.000]     12
        a|b                           -      0

        """, Example().ToText());

    [Fact]
    public void ToMarkdown_BarInACell_IsEscaped() => Assert.Equal(
        """
        | model      |            accuracy | pairs |
        | ---------- | ------------------: | ----: |
        | dense      |   .734 [.712, .755] | 1,500 |
        | UMM-RM k=4 | 1.000 [.999, 1.000] |    12 |
        | a\|b       |                   - |     0 |

        """, Example().ToMarkdown());

    [Fact]
    public void WriteJson_AnyTable_HoldsTheUnroundedNumbers()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            Example().WriteJson(json);
        Assert.Equal(
            """[{"model":"dense","accuracy":{"value":0.734,"interval":[0.712,0.755]},"pairs":1500},{"model":"UMM-RM k=4","accuracy":{"value":1,"interval":[0.9985,1]},"pairs":12},{"model":"a|b","accuracy":null,"pairs":0}]""",
            Encoding.UTF8.GetString(buffer.ToArray()));
    }

    [Fact]
    public void ToText_AccentWrittenApart_CountsAsOneLetter()
    {
        var table = new ResultTable(new TableColumn("n"), new TableColumn("v"));
        table.Add("e\u0301", "x");
        table.Add("ab", "y");
        Assert.Equal(["e\u0301   x", "ab  y"], table.ToText().Split('\n')[2..4]);
    }

    [Fact]
    public void Add_WrongNumberOfCells_IsRefused() => Assert.Throws<ArgumentException>(() => Example().Add("only one"));

    [Theory]
    [InlineData(0.7344, ".734")]
    [InlineData(0.0, ".000")]
    [InlineData(-0.0001, ".000")]
    [InlineData(-0.25, "-.250")]
    [InlineData(1.0, "1.000")]
    [InlineData(-1.5, "-1.500")]
    [InlineData(double.NaN, "-")]
    public void Share_AnyValue_HasThreeDecimalsAndNoLeadingZero(double value, string expected) => Assert.Equal(expected, TableCell.Share(value).Text);
}
