using UmmRm.Data;
using UmmRm.Diagnosis;
using UmmRm.Tests.Cli;

namespace UmmRm.Tests.Diagnosis;

public sealed class DataChecksTests : IDisposable
{
    private readonly TinyModels _models = new();

    [Theory]
    [InlineData("trl-implicit.jsonl", "preference pairs")]
    [InlineData("alpaca_human_preference.json", "preference pairs (AlpacaFarm)")]
    public void Rows_WellFormed_AreCountedWithTheirLayout(string file, string counted) => Findings.OfData(Repository.Golden("data", file)).Has("rows", Severity.Ok, counted);

    [Fact]
    public void Rows_OtherKinds_AreRecognised()
    {
        Findings.OfData(_models.Rows("a.jsonl", """{"instruction": "a b", "output": "c"}""")).Has("rows", Severity.Ok, "1 prompts with responses");
        Findings.OfData(_models.Rows("b.jsonl", """{"prompt": "a b"}""")).Has("rows", Severity.Ok, "1 prompts (prompt)");
    }

    [Theory]
    [InlineData(BadRows.Error, Severity.Error)]
    [InlineData(BadRows.Drop, Severity.Warning)]
    public void Rows_ThatLie_AreCountedByKindWithTheirPlace(BadRows badRows, Severity severity)
    {
        var data = _models.Rows("pairs.jsonl", Row("a", "b", "c"), Row("a", "b", "b"), Row("a", "", "c"), Row("d", "e", "f"));
        Findings.OfData(data, badRows).Has("rows", severity, "2 preference pairs", "1 with two equal sides (pairs.jsonl:2)", "1 with an empty response (pairs.jsonl:3)");
    }

    [Theory]
    [InlineData("bad-cut-gzip.jsonl.gz")]
    [InlineData("bad-truncated.parquet")]
    [InlineData("bad-utf8.jsonl")]
    [InlineData("bad-empty.jsonl")]
    [InlineData("none-such.jsonl")]
    public void Rows_DamagedFile_IsOneErrorThatNamesIt(string file)
    {
        var findings = Findings.OfData(Repository.Golden("data", file));
        findings.Has("rows", Severity.Error, file);
        Assert.Single(findings);
    }

    [Fact]
    public void Duplicates_RepeatedRows_AreCounted()
    {
        Findings.OfData(_models.Rows("a.jsonl", Row("a", "b", "c"), Row("a", "b", "c"), Row("a", "b", "c"), Row("d", "e", "f"))).Has("duplicates", Severity.Warning, "2 of 4 rows");
        Findings.OfData(_models.Rows("b.jsonl", Row("a", "b", "c"), Row("d", "e", "f"))).Has("duplicates", Severity.Ok);
    }

    [Fact]
    public void Contradictions_TheSameAnswersTheOtherWayRound_NameBothRows()
    {
        Findings.OfData(_models.Rows("a.jsonl", Row("a", "b", "c"), Row("d", "e", "f"), Row("a", "c", "b"))).Has("contradictions", Severity.Warning, "a.jsonl:3 against a.jsonl:1");
        Findings.OfData(_models.Rows("b.jsonl", Row("a", "b", "c"), Row("d", "c", "b"))).Has("contradictions", Severity.Ok);
    }

    [Theory]
    [InlineData(3, Severity.Ok, "all 3 rows")]
    [InlineData(2, Severity.Warning, "1 of 3 rows (33.3 %)", "pairs.jsonl:3")]
    [InlineData(1, Severity.Error, "2 of 3 rows", "exchanged", "pairs.jsonl:2")]
    public void Labels_ScoresThatDisagreeWithChosen_AreCounted(int right, Severity severity, params string[] named)
    {
        var data = _models.Rows("pairs.jsonl", [.. Enumerable.Range(0, 3).Select(i => $$"""{"prompt": "a{{i}}", "chosen": "b", "rejected": "c", "score_chosen": {{(i < right ? 2 : 1)}}, "score_rejected": {{(i < right ? 1 : 2)}}}""")]);
        Findings.OfData(data).Has("labels", severity, named);
    }

    [Theory]
    [InlineData(38, Severity.Warning, ".950")]
    [InlineData(20, Severity.Ok, ".500")]
    [InlineData(2, Severity.Warning, ".050", "exchanged")]
    public void Length_ChosenIsNearlyAlwaysTheLongerOrTheShorter_IsAWarning(int longer, Severity severity, params string[] named)
    {
        var data = _models.Rows("pairs.jsonl", [.. Enumerable.Range(0, 40).Select(i => i < longer ? Row($"a{i}", "long answer", "short") : Row($"a{i}", "short", "long answer"))]);
        Findings.OfData(data).Has("length", severity, named);
    }

    [Theory]
    [InlineData("d", "e", "f", Severity.Ok, "no prompt")]
    [InlineData("a", "e", "f", Severity.Warning, "1 of 1 evaluation prompts")]
    [InlineData("a", "c", "b", Severity.Error, "1 of 1 pairs", "test.jsonl:1")]
    public void Leakage_RowsOnBothSides_AreCounted(string prompt, string chosen, string rejected, Severity severity, params string[] named) =>
        Findings.OfData(_models.Rows("train.jsonl", Row("a", "b", "c"), Row("g", "h", "i")), evaluation: _models.Rows("test.jsonl", Row(prompt, chosen, rejected))).Has("leakage", severity, named);

    public void Dispose() => _models.Dispose();

    private static string Row(string prompt, string chosen, string rejected) => $$"""{"prompt": "{{prompt}}", "chosen": "{{chosen}}", "rejected": "{{rejected}}"}""";
}
