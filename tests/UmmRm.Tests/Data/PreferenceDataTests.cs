using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Data;
using UmmRm.Tokenization;

namespace UmmRm.Tests.Data;

public sealed class PreferenceDataTests
{
    [Theory]
    [InlineData("trl-explicit.parquet")] // snappy, three row groups
    [InlineData("trl-explicit-large-string-zstd.parquet")] // no dictionary
    [InlineData("trl-explicit-gzip-v1.parquet")]
    [InlineData("trl-explicit-page-v2.parquet")] // uncompressed
    [InlineData("trl-conversational-element.parquet")]
    [InlineData("trl-conversational-item.parquet")]
    [InlineData("trl-implicit-conversational.json")]
    public void Read_TrlLayouts_GiveTheExpectedPairs(string file) => AssertPairs("trl", Read(file));

    [Theory]
    [InlineData("trl-implicit.jsonl", "trl-implicit")]
    [InlineData("ultrafeedback_binarized.jsonl", "ultrafeedback_binarized")]
    [InlineData("alpaca_human_preference.json", "alpaca_human_preference")]
    public void Read_OtherLayouts_GiveTheExpectedPairs(string file, string expected) => AssertPairs(expected, Read(file));

    [Theory]
    [InlineData("trl-conversational-element.parquet")]
    [InlineData("trl-conversational-item.parquet")]
    public void Read_MarginColumn_IsTheMargin(string file) =>
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (double?)(0.5 * i)), Read(file).Rows.Select(pair => pair.Margin)); // written as 0.5 * i

    [Fact]
    public void Read_AnthropicHh_GivesTurnsAndResponses()
    {
        var pairs = Read("hh.jsonl.gz");
        Assert.Equal("Anthropic HH", pairs.Report.Layout);
        foreach (var (pair, expected) in pairs.Rows.Zip(Expected("hh"), (pair, expected) => (pair, expected!)))
        {
            Assert.Equal(expected["turns"]!.AsArray().Select(turn => new Message((string)turn!["role"]!, (string)turn["content"]!)), pair.Prompt.Turns);
            Assert.Equal(((string)expected["chosen"]!, (string)expected["rejected"]!), (pair.Chosen, pair.Rejected));
        }
        Assert.Equal(Expected("hh").Count, pairs.Rows.Count);
    }

    [Fact]
    public void Read_UnifiedFeedback_DropsAndCountsTies()
    {
        var pairs = Read("unified_feedback.parquet");
        AssertPairs("unified_feedback", pairs);
        var dropped = Assert.Single(pairs.Report.Dropped);
        Assert.Equal((BadRowReason.Tie, 1, "unified_feedback.parquet:5"), (dropped.Reason, dropped.Count, Assert.Single(dropped.First)));
        Assert.Equal((10, 9), (pairs.Report.RowsRead, pairs.Report.Kept));
        Assert.Equal("webgpt_comparisons", pairs.Rows[0].Attributes["source"]);
    }

    [Fact]
    public void Read_TiesKept_AreSoftLabels()
    {
        var pairs = Read("unified_feedback.parquet", new ReadOptions { KeepTies = true });
        Assert.Equal([1, 1, 1, 1, 0.5, 1, 1, 1, 1, 1], pairs.Rows.Select(pair => pair.Label));
    }

    [Theory]
    [InlineData("bad-identical.jsonl", "bad-identical.jsonl:3", "the same text", BadRowReason.IdenticalSides)]
    [InlineData("bad-empty-chosen.jsonl", "bad-empty-chosen.jsonl:3", "chosen response is empty", BadRowReason.EmptyResponse)]
    [InlineData("bad-missing-column.jsonl", "bad-missing-column.jsonl:3", "column rejected is missing", BadRowReason.MissingColumn)]
    [InlineData("bad-wrong-type.jsonl", "bad-wrong-type.jsonl:3", "chosen is 3; expected text", BadRowReason.WrongType)]
    [InlineData("bad-null.jsonl", "bad-null.jsonl:3", "chosen is null", BadRowReason.NullValue)]
    public void Read_BadRow_IsRefusedWithRowAndReasonOrDroppedAndCounted(string file, string place, string reason, BadRowReason kind)
    {
        var error = Assert.Throws<InvalidDataException>(() => Read(file));
        Assert.Contains(place, error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains("bad_rows: drop", error.Message, StringComparison.Ordinal);

        var pairs = Read(file, new ReadOptions { BadRows = BadRows.Drop });
        Assert.Equal(2, pairs.Rows.Count);
        Assert.Equal((kind, 1), pairs.Report.Dropped.Select(d => (d.Reason, d.Count)).Single());
        Assert.Equal([$"{file}:3"], pairs.Report.Dropped[0].First);
    }

    [Theory]
    [InlineData("bad-cut-line.jsonl", "bad-cut-line.jsonl:2: not JSON")]
    [InlineData("bad-utf8.jsonl", "bad-utf8.jsonl:2: the text is not UTF-8")]
    [InlineData("bad-empty.jsonl", "there are no rows; the file is empty")]
    [InlineData("bad-cut-gzip.jsonl.gz", "gzip data are cut")]
    [InlineData("bad-truncated.parquet", "bad-truncated.parquet: the file cannot be read as parquet")]
    public void Read_DamagedFile_IsRefusedEvenWhereBadRowsAreDropped(string file, string reason)
    {
        var error = Assert.Throws<InvalidDataException>(() => Read(file, new ReadOptions { BadRows = BadRows.Drop }));
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ColumnMapping_FindsRenamedColumns()
    {
        using var file = new TemporaryFile("x.jsonl", """{"q":"2+2?","a":"4","b":"5","chosen":"not this"}""");
        var options = new ReadOptions { Columns = ReadOptions.ParseColumns("chosen=a,rejected=b,prompt=q") };
        var pair = Assert.Single(PreferenceData.Read(file.Source, options).Rows);
        Assert.Equal(("2+2?", "4", "5"), (pair.Prompt.Turns[0].Content, pair.Chosen, pair.Rejected));
    }

    [Fact]
    public void Read_MappedColumnThatIsNotThere_IsNamedWithTheColumnsThatAre()
    {
        using var file = new TemporaryFile("x.jsonl", """{"q":"2+2?","a":"4","b":"5"}""");
        var error = Assert.Throws<InvalidDataException>(() => PreferenceData.Read(file.Source, new ReadOptions { Columns = ReadOptions.ParseColumns("chosen=a,rejected=c") }));
        Assert.Contains("no column 'c', which was named as rejected; the columns are a, b, q", error.Message, StringComparison.Ordinal);
        Assert.Contains("'best', which no layout has", Assert.Throws<ArgumentException>(() => PreferenceData.Read(file.Source, new ReadOptions { Columns = ReadOptions.ParseColumns("best=a") })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chosen")]
    [InlineData("=a")]
    [InlineData("chosen=")]
    [InlineData("chosen=a,chosen=b")]
    public void ParseColumns_Malformed_IsAnArgumentError(string text) => Assert.Throws<ArgumentException>(() => ReadOptions.ParseColumns(text));

    [Theory]
    [InlineData("""{"question":"q","chosen":"The a","rejected":"The b"}""")] // a prompt must not be guessed from 'The '
    [InlineData("""{"a":1}""")]
    [InlineData("""{}""")]
    public void Read_NoKnownLayout_NamesTheColumnsAndTheRemedy(string row)
    {
        using var file = new TemporaryFile("x.jsonl", row);
        var error = Assert.Throws<InvalidDataException>(() => PreferenceData.Read(file.Source));
        Assert.Contains("fit no known layout", error.Message, StringComparison.Ordinal);
        Assert.Contains("--columns", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    // By TRL's extract_prompt: the first difference, one space before it going to the sides; a side that begins with all of the other loses its last character.
    [InlineData("Say: yes", "Say: no", 4)]
    [InlineData("Say:yes", "Say:no", 4)]
    [InlineData("ab", "abc", 1)]
    [InlineData("x", "y", 0)]
    [InlineData("a😀", "a😁", 1)]
    [InlineData("", "y", 0)]
    public void PromptLength_OfTwoTexts_IsTrls(string chosen, string rejected, int expected) => Assert.Equal(expected, TrlPairs.PromptLength(chosen, rejected));

    [Theory]
    [InlineData("""{"prompt":"p","chosen":"a","rejected":"b","score_chosen":4,"score_rejected":4.0}""", BadRowReason.Tie)]
    [InlineData("""{"chosen":"apple","rejected":"berry"}""", BadRowReason.PromptDiffers)]
    [InlineData("""{"prompt":"  ","chosen":"a","rejected":"b"}""", BadRowReason.EmptyPrompt)]
    [InlineData("""{"prompt":"p","chosen":"a","rejected":" \n"}""", BadRowReason.EmptyResponse)]
    [InlineData("""{"prompt":"p","chosen":"\ud83d","rejected":"b"}""", BadRowReason.WrongValue)]
    [InlineData("""{"prompt":"p","chosen":"a","rejected":"b","margin":1e999}""", BadRowReason.WrongValue)]
    [InlineData("""{"prompt":"p","chosen":"a","rejected":"b","margin":"1"}""", BadRowReason.WrongType)]
    [InlineData("""{"instruction":"i","output_1":"a","output_2":"b","preference":3}""", BadRowReason.WrongValue)]
    [InlineData("""{"prompt":"p","chosen":[],"rejected":[]}""", BadRowReason.WrongValue)]
    [InlineData("""{"prompt":"p","chosen":[7],"rejected":[8]}""", BadRowReason.WrongType)]
    [InlineData("""{"chosen":[{"role":"assistant","content":"a"}],"rejected":[{"role":"assistant","content":"b"}]}""", BadRowReason.WrongValue)]
    [InlineData("""{"chosen":[{"role":"user","content":"q"},{"role":"user","content":"a"}],"rejected":[{"role":"user","content":"q"},{"role":"assistant","content":"b"}]}""", BadRowReason.WrongValue)]
    [InlineData("""{"chosen":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}],"rejected":[{"role":"user","content":"z"},{"role":"assistant","content":"b"}]}""", BadRowReason.PromptDiffers)]
    [InlineData("""{"chosen":[{"role":"user","content":null},{"role":"assistant","content":"a"}],"rejected":[{"role":"user","content":"z"},{"role":"assistant","content":"b"}]}""", BadRowReason.NullValue)]
    [InlineData("""{"chosen":"\n\nHuman: q\n\nAssistant: a","rejected":"\n\nHuman: q\n\nAssistant: a\n\nHuman: b"}""", BadRowReason.WrongValue)]
    [InlineData("""{"chosen":"\n\nHuman: q\n\nAssistant: a","rejected":"Human: q\n\nAssistant: b"}""", BadRowReason.WrongValue)]
    [InlineData("""{"chosen":"\n\nHuman: q\n\nAssistant: a","rejected":"\n\nHuman: r\n\nAssistant: b"}""", BadRowReason.PromptDiffers)]
    public void Read_RowThatLies_IsCountedUnderItsReason(string row, BadRowReason reason)
    {
        var good = row.Contains("output_1", StringComparison.Ordinal) ? """{"instruction":"i","output_1":"x","output_2":"y","preference":1}"""
            : row.Contains("prompt", StringComparison.Ordinal) ? """{"prompt":"p","chosen":"x","rejected":"y"}"""
            : row.Contains("role", StringComparison.Ordinal) ? """{"chosen":[{"role":"user","content":"q"},{"role":"assistant","content":"x"}],"rejected":[{"role":"user","content":"q"},{"role":"assistant","content":"y"}]}"""
            : row.Contains("Human", StringComparison.Ordinal) ? """{"chosen":"\n\nHuman: q\n\nAssistant: x","rejected":"\n\nHuman: q\n\nAssistant: y"}"""
            : """{"chosen":"q x","rejected":"q y"}""";
        using var file = new TemporaryFile("x.jsonl", $"{row}\n{good}\n");
        var report = PreferenceData.Read(file.Source, new ReadOptions { BadRows = BadRows.Drop }).Report;
        Assert.Equal((reason, 1), report.Dropped.Select(d => (d.Reason, d.Count)).Single());
        Assert.Equal(1, report.Kept);
    }

    [Fact]
    public void Read_SeveralBadRows_CountsThemInTheError()
    {
        using var file = new TemporaryFile("x.jsonl", """
            {"prompt":"p","chosen":"a","rejected":"b"}
            {"prompt":"p","chosen":"a","rejected":"a"}
            {"prompt":"p","chosen":"","rejected":"a"}
            """);
        var error = Assert.Throws<InvalidDataException>(() => PreferenceData.Read(file.Source));
        Assert.Contains("x.jsonl:2", error.Message, StringComparison.Ordinal);
        Assert.Contains("1 more (IdenticalSides 1, EmptyResponse 1)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoRowLeft_IsAnErrorEvenWhereBadRowsAreDropped()
    {
        using var file = new TemporaryFile("x.jsonl", """{"prompt":"p","chosen":"a","rejected":"a"}""");
        Assert.Contains("no usable row is left (IdenticalSides 1)", Assert.Throws<InvalidDataException>(() => PreferenceData.Read(file.Source, new ReadOptions { BadRows = BadRows.Drop })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Report_Repeats_AreCountedAndTheReportSurvivesJson()
    {
        using var file = new TemporaryFile("x.jsonl", string.Concat(Enumerable.Repeat("{\"prompt\":\"p\",\"chosen\":\"a\",\"rejected\":\"b\"}\n", 3)) + "{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"b\"}\n{\"prompt\":\"q\",\"chosen\":\"\",\"rejected\":\"b\"}\n");
        var report = PreferenceData.Read(file.Source, new ReadOptions { BadRows = BadRows.Drop }).Report;
        Assert.Equal(2, report.Duplicates);
        Assert.Collection(report.Warnings(),
            dropped => Assert.Contains("1 of 5 rows dropped: EmptyResponse (x.jsonl:5)", dropped, StringComparison.Ordinal),
            repeats => Assert.Contains("2 of 4 rows repeat an earlier row", repeats, StringComparison.Ordinal));
        var json = JsonSerializer.Serialize(report);
        Assert.Contains("\"empty_response\"", json, StringComparison.Ordinal);
        Assert.Equivalent(report, JsonSerializer.Deserialize<DataReport>(json), strict: true);
    }

    [Fact]
    public void ReadRows_Reversed_PrefersTheOtherSideAndKeepsFieldsAndOrder()
    {
        using var file = new TemporaryFile("x.jsonl", """{"id":7,"prompt":"p","chosen":"a","chosen_model":"m","rejected":"b","rejected_model":"n","margin":0.5,"note":[1.50]}""");
        var row = Assert.Single(PreferenceData.ReadRows(file.Source).Rows);
        Assert.Equal("""{"id":7,"prompt":"p","chosen":"b","chosen_model":"n","rejected":"a","rejected_model":"m","margin":-0.5,"note":[1.50]}""", row.Reversed().ToJsonString());
    }

    [Theory]
    [InlineData("trl-explicit.parquet")]
    [InlineData("trl-implicit-conversational.json")]
    [InlineData("trl-implicit.jsonl")]
    [InlineData("hh.jsonl.gz")]
    [InlineData("alpaca_human_preference.json")]
    [InlineData("unified_feedback.parquet")]
    [InlineData("ultrafeedback_binarized.jsonl")]
    public void ReadRows_ReversedInEveryLayout_ReadsBackWithTheSidesExchanged(string name)
    {
        var rows = PreferenceData.ReadRows(new DataSource(Repository.Golden("data", name))).Rows;
        using var file = new TemporaryFile("reversed.jsonl", string.Join('\n', rows.Select(row => row.Reversed().ToJsonString())));
        Assert.Equal(rows.Select(row => (row.Pair.PromptKey, row.Pair.Rejected, row.Pair.Chosen)), PreferenceData.Read(file.Source).Rows.Select(pair => (pair.PromptKey, pair.Chosen, pair.Rejected)));
    }

    [Fact]
    public void FromRow_OneRow_GivesThePairOrAnErrorWithItsPlace()
    {
        var pair = PreferenceData.FromRow(Row("""{"prompt":"p","chosen":"a","rejected":"b"}"""));
        Assert.Equal(("p", "a", "b", "rows.jsonl:9"), (pair.Prompt.Turns[0].Content, pair.Chosen, pair.Rejected, pair.Origin));
        Assert.Contains("in/rows.jsonl:9: the rejected response is empty", Assert.Throws<InvalidDataException>(() => PreferenceData.FromRow(Row("""{"prompt":"p","chosen":"a","rejected":""}"""))).Message, StringComparison.Ordinal);

        static DataRow Row(string json) => new("in/rows.jsonl", 9, JsonNode.Parse(json)!.AsObject());
    }

    private static DataSet<PreferencePair> Read(string file, ReadOptions? options = null) => PreferenceData.Read(new DataSource(Repository.Golden("data", file)), options);

    private static List<JsonNode?> Expected(string name) => [.. File.ReadLines(Repository.Golden("data", $"{name}.expected.jsonl")).Select(line => JsonNode.Parse(line))];

    private static void AssertPairs(string expected, DataSet<PreferencePair> pairs)
    {
        var rows = Expected(expected).OfType<JsonNode>().ToList();
        Assert.Equal(rows.Count, pairs.Rows.Count);
        foreach (var (pair, row) in pairs.Rows.Zip(rows))
        {
            var turn = Assert.Single(pair.Prompt.Turns);
            Assert.Equal(("user", (string)row["prompt"]!), (turn.Role, turn.Content));
            Assert.Equal(((string)row["chosen"]!, (string)row["rejected"]!, 1.0), (pair.Chosen, pair.Rejected, pair.Label));
            Assert.Equal((string?)row["input"] ?? "", pair.Prompt.Input ?? "");
            if (row["margin"] is { } margin)
                Assert.Equal((double)margin, pair.Margin);
        }
    }
}
