using System.Text.Json.Nodes;
using UmmRm.Figures;
using UmmRm.Recipes;
using UmmRm.Reports;

namespace UmmRm.Tests.Recipes;

public sealed class RunReadingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_FinishedRun_HasEverySection()
    {
        var report = RunReading.Open(SyntheticRun.Write(_folder["run"])).Read();
        var point = Assert.Single(report.Points);
        Assert.Empty(report.Troubles);
        Assert.Equal("done", report.Status);
        Assert.Equal(SyntheticRun.Policies, point.Methods.Select(method => method.Name));
        Assert.StartsWith("ppo-dense was hacked", point.Words, StringComparison.Ordinal);
        Assert.Equal(3, point.Transfer!.Rewards.Count);
        Assert.Equal(["intervals over seeds"], new ReportContent(report).Absent.Select(absent => absent.Key));
    }

    [Fact]
    public void Read_PoliciesThatDifferInAlpha_GiveGoldByAlpha()
    {
        var points = RunReading.Open(SyntheticRun.Write(_folder["run"])).Read().Alpha;
        Assert.Equal([0.1, 0.5], points.Select(point => point.Alpha));
        Assert.Equal([SyntheticRun.Gold(1, 64, 1), SyntheticRun.Gold(2, 64, 1)], points.Select(point => point.End.Mean));
        Assert.Equal("merged (learned), k = 6", Assert.Single(points.Select(point => point.Group).Distinct()));
    }

    [Fact]
    public void Read_SeveralSeeds_DrawsTheirMeanWithStudentsInterval()
    {
        foreach (var seed in new[] { 1, 2, 3 })
            SyntheticRun.Write(_folder[$"sweep/seed-{seed}"], seed);
        var report = RunReading.Open(_folder["sweep"]).Read();
        var gold = new ReportContent(report).Figures.OfType<LineChart>().Single(figure => figure.Name == "gold");
        var end = gold.Series.Single(series => series.Name == "ppo-dense").Points[^1];
        Assert.Equal(2.0, end.Y, 12);                       // of 1.5, 2, 2.5
        Assert.Equal(4.302652729749464 * 0.5 / Math.Sqrt(3), end.High!.Value - end.Y, 9); // t at 2 degrees of freedom, sd 0.5
        Assert.Equal(3, report.Points[0].Transfer!.Seeds);
        Assert.Contains(report.Points[0].Verdicts, table => table.Name == "stop-rules");
    }

    [Fact]
    public void Read_RunAtWork_ShowsTheCurveSoFar()
    {
        var report = RunReading.Open(SyntheticRun.WriteHalf(_folder["run"])).Read();
        Assert.True(report.Running);
        Assert.Equal(["ppo-dense"], report.Points[0].Methods.Select(method => method.Name));
        Assert.Empty(report.Points[0].Words);
        Assert.Contains("a verdict", new ReportContent(report).Absent.Select(absent => absent.Key));
    }

    [Fact]
    public void Read_DamagedFile_CostsItsOwnSectionAndSaysSo()
    {
        var run = SyntheticRun.Write(_folder["run"]);
        File.WriteAllText(Path.Combine(run, "transfer", TransferMatrix.FileName), "{");
        var report = RunReading.Open(run).Read();
        Assert.Null(report.Points[0].Transfer);
        Assert.Contains("transfer.json", Assert.Single(report.Troubles), StringComparison.Ordinal);
        Assert.Equal(3, report.Points[0].Methods.Count);
    }

    [Fact]
    public void Read_RecipeOfAnotherVersion_StillShowsCurves()
    {
        var run = SyntheticRun.Write(_folder["run"]);
        File.AppendAllText(Path.Combine(run, "recipe.resolved.yaml"), "\n  later: { kind: not-invented-yet }\n");
        var report = RunReading.Open(run).Read();
        Assert.Equal(3, report.Points[0].Methods.Count);
        Assert.Contains("not-invented-yet", Assert.Single(report.Troubles), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoRunFolder_SaysWhatIsExpected()
    {
        Directory.CreateDirectory(_folder["empty"]);
        Assert.Contains("no run.json", Assert.Throws<FileNotFoundException>(() => RunReading.Open(_folder["empty"])).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => RunReading.Open(_folder["nowhere"]));
    }

    [Fact]
    public void Compare_TwoSeeds_NamesTheSettingAndTheDifferences()
    {
        var comparison = RunComparison.Open([SyntheticRun.Write(_folder["a"], 1), SyntheticRun.Write(_folder["b"], 2)]);
        var tables = comparison.Content().Tables.ToDictionary(table => table.Name, table => table.Table);
        Assert.Equal(["seed", "1", "2"], Assert.Single(tables["settings"].Rows).Select(cell => cell.Text));
        var dense = tables["accuracy"].Rows[0];
        Assert.Equal(0.001, dense[4].Value!.Value, 12);
        Assert.True(dense[4].Interval!.Value.Low < 0 && dense[4].Interval!.Value.High > 0.04);
        var ended = tables["verdict"].Rows.Single(row => row[0].Text == "b: ppo-dense");
        Assert.Equal(0.5, ended[5].Value!.Value, 12);
    }

    [Fact]
    public void Compare_SameFolderTwice_IsRefused()
    {
        var run = SyntheticRun.Write(_folder["a"]);
        Assert.Throws<ArgumentException>(() => RunComparison.Open([run, run + Path.DirectorySeparatorChar]));
    }

    [Fact]
    public void Files_JsonAndCsv_HoldTheFiguresNumbers()
    {
        var page = _folder["page.html"];
        ReportFiles.Write(RunReading.Open(SyntheticRun.Write(_folder["run"])).Read(), page);
        var rows = JsonNode.Parse(File.ReadAllText(ReportFiles.JsonPath(page)))!["figures"]!["gold"]!["rows"]!.AsArray();
        Assert.Equal(9, rows.Count);
        Assert.Equal(SyntheticRun.Gold(2, 64, 1), rows[^1]!["gold reward (raw)"]!.GetValue<double>());
        Assert.Equal("ppo-umm-50,64,1.7,,", File.ReadAllLines(Path.Combine(ReportFiles.FigureFolder(page), "gold.csv"))[^1]);
        Assert.True(File.Exists(Path.Combine(ReportFiles.FigureFolder(page), "verdict-table.csv")));
    }

    [Fact]
    public void Curves_ShiftedThePapersWay_HaveMinimumZero()
    {
        var content = new ReportContent(RunReading.Open(SyntheticRun.Write(_folder["run"])).Read(), shiftMinimum: true);
        Assert.All(content.Figures.OfType<LineChart>().Where(figure => figure.Name is "gold" or "proxy").SelectMany(figure => figure.Series), series => Assert.Equal(0, series.Points.Min(point => point.Y)));
    }
}
