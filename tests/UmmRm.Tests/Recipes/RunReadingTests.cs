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
        Assert.Equal(["gold by k", "gold by the methods of merging", "intervals over seeds"], new ReportContent(report).Absent.Select(absent => absent.Key));
    }

    [Fact]
    public void Read_PoliciesThatDifferInAlpha_GiveGoldByAlpha()
    {
        var report = RunReading.Open(SyntheticRun.Write(_folder["run"])).Read();
        var alpha = Assert.Single(report.Settings);
        Assert.Equal((MethodSetting.Alpha, "merged (learned), k = 6"), (alpha.Setting, alpha.Group));
        Assert.Equal([0.1, 0.5], alpha.Points.Select(point => point.Number));
        Assert.Equal([SyntheticRun.Gold(1, 64, 1), SyntheticRun.Gold(2, 64, 1)], alpha.Points.Select(point => point.End.Mean));
        Assert.Equal(("ppo-dense", SyntheticRun.Gold(0, 64, 1)), (alpha.Baseline!.Name, alpha.Baseline.End.Mean));
    }

    [Fact]
    public void Read_PoliciesThatDifferInKOrMerge_AreDrawnBesideTheBaseline()
    {
        var run = SyntheticRun.Write(_folder["run"], changes: yaml => yaml
            .Replace("up-10: { kind: upcycle, model: ./base, moe: { top_k: 6, shared_expert_weight: 0.1 } }", "up-10: { kind: upcycle, model: ./base, moe: { top_k: 2, shared_expert_weight: 0.5 } }", StringComparison.Ordinal));
        var content = new ReportContent(RunReading.Open(run).Read());
        var k = Assert.IsType<IntervalChart>(Assert.Single(content.Sections.Single(section => section.Anchor == "sweep").Figures));
        Assert.Equal(["gold at its peak", "gold at the end"], k.Panels);
        Assert.Equal([("ppo-dense", 1.5), ("k = 2", 1.6), ("k = 6", 1.7)], k.Rows.Select(row => (row.Name, Math.Round(row.Values[1]!.Value.Value, 12))));

        run = SyntheticRun.Write(_folder["merges"], changes: yaml => yaml
            .Replace("shared_expert_weight: 0.1", "shared_expert_weight: 0.5", StringComparison.Ordinal).Replace("umm-10: { kind: merge,", "umm-10: { kind: merge, method: uniform,", StringComparison.Ordinal));
        var merge = Assert.IsType<IntervalChart>(Assert.Single(new ReportContent(RunReading.Open(run).Read()).Sections.Single(section => section.Anchor == "sweep").Figures));
        Assert.Equal(["ppo-dense", "uniform", "learned"], merge.Rows.Select(row => row.Name));
        Assert.Equal(new Measured(1.6), merge.Rows[1].Values[1]!.Value with { Value = Math.Round(merge.Rows[1].Values[1]!.Value.Value, 12) });
    }

    [Fact]
    public void Read_SettingsOverSeeds_AreComparedSeedBySeed()
    {
        foreach (var seed in new[] { 1, 2, 3 })
            SyntheticRun.Write(_folder[$"sweep/seed-{seed}"], seed);
        var alpha = Assert.IsType<IntervalChart>(Assert.Single(SettingFigures.Of(RunReading.Open(_folder["sweep"]).Read().Settings)));
        Assert.Equal(["gold at its peak", "gold at the end", "end, minus ppo-dense's"], alpha.Panels);
        var differences = alpha.Rows.Select(row => (row.Name, row.Values[2]!.Value)).ToList();
        Assert.Equal(("ppo-dense", new Measured(0)), differences[0]);
        Assert.Equal(["alpha = 0.1", "alpha = 0.5"], differences[1..].Select(row => row.Name));
        Assert.All(differences[1..].Index(), row => // gold differs by the seed, the differences to it do not
        {
            var expected = 0.1 * (row.Index + 1);
            Assert.Equal((expected, expected, expected), (Math.Round(row.Item.Value.Value, 9), Math.Round(row.Item.Value.Low!.Value, 9), Math.Round(row.Item.Value.High!.Value, 9)));
            Assert.True(alpha.Rows[row.Index + 1].Values[1]!.Value is { Low: < 1.5, High: > 2.5 });
        });
    }

    [Fact]
    public void Read_FilesThatAreCut_CostTheirOwnRunOrCurve_AndAreNamed()
    {
        foreach (var seed in new[] { 1, 2, 3 })
            SyntheticRun.Write(_folder[$"sweep/seed-{seed}"], seed);
        Cut("sweep/seed-2/run.json");
        Cut("sweep/seed-3/ppo-umm-50/curve.json");
        var report = RunReading.Open(_folder["sweep"]).Read();
        Assert.Equal([2, 2, 1], report.Points[0].Methods.Select(method => method.Curves.Count));
        Assert.Contains(report.Troubles, trouble => trouble.Contains("seed-2/run.json", StringComparison.Ordinal));
        Assert.Contains(report.Troubles, trouble => trouble.Contains("ppo-umm-50/curve.json could not be read", StringComparison.Ordinal));
        Cut("sweep/seed-1/run.json");
        Cut("sweep/seed-3/run.json");
        Assert.Contains("seed-1", Assert.Throws<InvalidDataException>(() => RunReading.Open(_folder["sweep"])).Message, StringComparison.Ordinal);

        void Cut(string file) => File.WriteAllText(_folder[file], File.ReadAllText(_folder[file])[..40]);
    }

    [Fact]
    public void Read_AGridOfAnotherKey_HasSettingsForEachOfItsPlaces()
    {
        foreach (var place in new[] { "rate=1", "rate=2" })
            SyntheticRun.Write(_folder[$"grid/{place}/seed-1"], place == "rate=1" ? 1 : 2);
        var figures = SettingFigures.Of(RunReading.Open(_folder["grid"]).Read().Settings).Cast<IntervalChart>().ToList();
        Assert.Equal([("alpha", "Gold by the shared expert's weight, rate=1"), ("alpha-2", "Gold by the shared expert's weight, rate=2")], figures.Select(figure => (figure.Name, figure.Title)));
        Assert.Equal(["Gold while policies are trained, rate=1", "Gold while policies are trained, rate=2"], new ReportContent(RunReading.Open(_folder["grid"]).Read()).Figures.Where(figure => figure.Name == "gold").Select(figure => figure.Title));
        Assert.Equal([SyntheticRun.Gold(0, 64, 1), SyntheticRun.Gold(0, 64, 2)], figures.Select(figure => figure.Rows[0].Values[1]!.Value.Value));
    }

    [Fact]
    public void Read_BestOfNAndSensitivity_AreOverPromptsWithOneSeedAndOverSeedsWithSeveral()
    {
        foreach (var seed in new[] { 1, 2, 3 })
            SyntheticRun.Write(_folder[$"sweep/seed-{seed}"], seed);
        var one = RunReading.Open(_folder["sweep/seed-1"]).Read().Points[0];
        var several = RunReading.Open(_folder["sweep"]).Read().Points[0];
        Assert.Equal("+0.10 [0.00, +0.20]", one.BestOfN[0].Table.Table.Rows[1][4].Text);
        var difference = several.BestOfN[0].Table.Table.Rows[1][4]; // of .1, .2, .3: .2 +- 4.3027 * .1 / sqrt(3)
        Assert.Equal(("+0.20 [-0.05, +0.45]", 0.2), (difference.Text, Math.Round(difference.Value!.Value, 12)));
        var curve = several.BestOfN[0].Curves.Single(series => series.Name == "umm-50");
        Assert.Equal([2, 2.6, 3.2], curve.Points.Select(point => Math.Round(point.Y, 12)));
        Assert.Equal("-0.010 [-0.030, 0.000]", one.Sensitivities[0].Table.Table.Rows[1][2].Text);
        Assert.Equal("-0.020 [-0.045, +0.005]", several.Sensitivities[0].Table.Table.Rows[1][2].Text);
        Assert.Equal(["moe-50, single experts", "trained separately"], several.Sensitivities[0].Groups.Select(group => group.Name));
    }

    [Fact]
    public void Read_WarningOfSeveralStages_IsSaidOnceWithTheirNames() =>
        Assert.Equal([$"{SyntheticRun.Warning} (ppo-dense, ppo-umm-10, ppo-umm-50)."], RunReading.Open(SyntheticRun.Write(_folder["run"])).Read().Points[0].Warnings);

    [Fact]
    public void Read_Costs_HaveMeasuredMemoryBesideTheEstimate()
    {
        var costs = RunReading.Open(SyntheticRun.Write(_folder["run"])).Read().Costs!.Table;
        Assert.Equal(["stage", "kind", "parameters", "seconds", "tokens/s", "memory seen", "estimated"], costs.Columns.Select(column => column.Title));
        Assert.All(costs.Rows, row => Assert.Equal(300 << 20, row[5].Value));
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
        var run = SyntheticRun.WriteHalf(_folder["run"]);
        Assert.StartsWith("stopped", RunReading.Open(run).Read().Status, StringComparison.Ordinal); // run.json says running, and nobody is there
        using var owned = RunLock.Take(run);
        var report = RunReading.Open(run).Read();
        Assert.True(report.Running);
        Assert.StartsWith("running", report.Status, StringComparison.Ordinal);
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
