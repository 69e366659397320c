using UmmRm.Diagnosis;
using UmmRm.Tests.Cli;

namespace UmmRm.Tests.Diagnosis;

public sealed class ReadingChecksTests : IDisposable
{
    private const string Good = """{"prompt": "w10 w11 ", "chosen": "w12 w13", "rejected": "w14"}""";

    private readonly TinyModels _models = new();

    [Fact]
    public void Template_RawWithoutRecord_IsAWarningAndARecordedOneIsNot()
    {
        Findings.OfModel(_models.Reward()).Has("template", Severity.Warning, "raw");
        Findings.OfModel(ModelChecksTests.Recorded(_models.Reward())).Has("template", Severity.Ok, "raw");
    }

    [Fact]
    public void Template_OtherThanTheRecordedOne_NamesBoth() =>
        Findings.OfTraining(ModelChecksTests.Recorded(_models.Reward()), _models.Rows("pairs.jsonl", Good), $"template={Format("w20 {content}", "w21 {content}")}").Has("template", Severity.Warning, "'raw'", "'twenty'");

    [Fact]
    public void Template_ChatTemplateBesideAPlainRecord_IsAWarning()
    {
        var folder = ModelChecksTests.Recorded(_models.Reward());
        File.WriteAllText(Path.Combine(folder, "chat_template.jinja"), "{% for m in messages %}{{ m.content }}{% endfor %}");
        Findings.OfModel(folder).Has("template", Severity.Warning, "chat template", "'raw'");
    }

    [Fact]
    public void Template_TheFoldersChatTemplate_IsReadByAndEndsTextsItself()
    {
        var folder = _models.Language();
        File.WriteAllText(Path.Combine(folder, "chat_template.jinja"), "{% for m in messages %}{{ m.content }}{{ ' ' }}{% if m.role == 'assistant' %}w03{% endif %}{% endfor %}");
        var findings = Findings.OfTraining(folder, _models.Rows("pairs.jsonl", Good));
        findings.Has("template", Severity.Ok, "'chat'");
        findings.Has("eos-appended", Severity.Ok, "w03 (3)");
        findings.Has("boundary", Severity.Ok);
        File.WriteAllText(Path.Combine(folder, "chat_template.jinja"), "{% for m in messages %}{{ m.content }}{{ ' ' }}{% endfor %}");
        Findings.OfTraining(folder, _models.Rows("pairs.jsonl", Good)).Has("eos-appended", Severity.Warning, "2 of 2", "'chat'");
    }

    [Fact]
    public void Template_WritesTodaysDate_IsAWarning()
    {
        var folder = _models.Language();
        File.WriteAllText(Path.Combine(folder, "chat_template.jinja"), "{% set day = strftime_now('w%d') %}{{ day }} {% for m in messages %}{{ m.content }} w03 {% endfor %}");
        Findings.OfTraining(folder, _models.Rows("pairs.jsonl", Good)).Has("template", Severity.Warning, "today's date");
    }

    [Fact]
    public void Boundary_GenerationPromptOtherThanWhatStandsBeforeAnAnswer_IsAWarning()
    {
        var folder = _models.Language();
        File.WriteAllText(Path.Combine(folder, "chat_template.jinja"), "{% for m in messages %}{{ m.content }}{{ ' ' }}{% endfor %}{% if add_generation_prompt %}w09 {% else %}w03{% endif %}");
        Findings.OfTraining(folder, _models.Rows("pairs.jsonl", Good)).Has("boundary", Severity.Warning, "pairs.jsonl:1");
    }

    [Fact]
    public void Template_HasNoPlaceForARow_NamesTheRow()
    {
        var data = _models.Rows("pairs.jsonl", Good, """{"chosen": [{"role": "user", "content": "w10"}, {"role": "assistant", "content": "w11"}, {"role": "user", "content": "w12"}, {"role": "assistant", "content": "w13"}], "rejected": [{"role": "user", "content": "w10"}, {"role": "assistant", "content": "w11"}, {"role": "user", "content": "w12"}, {"role": "assistant", "content": "w14"}], "prompt": ""}""");
        Findings.OfTraining(_models.Language(), data, "bad_rows=drop").Has("template", Severity.Error, "pairs.jsonl:2", "renders one user turn only");
    }

    [Theory]
    [InlineData("w10 ", Severity.Ok)]
    [InlineData("w01 w10 ", Severity.Ok)]
    [InlineData("w01 w01 w10 ", Severity.Error, "pairs.jsonl:1", "w01 (1) twice")]
    public void BeginToken_Twice_NamesARow(string prompt, Severity severity, params string[] named)
    {
        var data = _models.Rows("pairs.jsonl", $$"""{"prompt": "{{prompt}}", "chosen": "w12 w13", "rejected": "w14"}""");
        Findings.OfTraining(_models.Language(), data).Has("bos-token", severity, named);
    }

    [Fact]
    public void EndAppended_RecordSaysOtherwise_IsAnError()
    {
        Findings.OfModel(ModelChecksTests.Recorded(_models.Reward())).Has("eos-appended", Severity.Ok, "w02 (2)");
        Findings.OfModel(ModelChecksTests.Recorded(_models.Reward(), appendEos: false)).Has("eos-appended", Severity.Error, "append_eos: false");
    }

    [Fact]
    public void EndAppended_TrainingTextsEndedWithAnotherToken_NamesBoth()
    {
        var folder = ModelChecksTests.Recorded(_models.Reward());
        ModelChecksTests.Configure(folder, config => config["eos_token_id"] = 3);
        Findings.OfModel(folder).Has("eos-appended", Severity.Error, "w02 (2)", "w03 (3)");
    }

    [Theory]
    [InlineData("Say t", "he end of it", Severity.Warning, "pairs.jsonl:1", "' the'")]
    [InlineData("Say:\\n", "the end of it", Severity.Ok, "between two tokens")]
    public void Boundary_ATokenAcrossPromptAndResponse_NamesRowAndToken(string prompt, string response, Severity severity, params string[] named)
    {
        var folder = _models.Language();
        foreach (var file in (string[])["tokenizer.json", "tokenizer_config.json"])
            File.Copy(Repository.Golden("tokenizers", "neox-like", file), Path.Combine(folder, file), overwrite: true);
        ModelChecksTests.Configure(folder, config => config["vocab_size"] = 1000);
        var data = _models.Rows("pairs.jsonl", $$"""{"prompt": "{{prompt}}", "chosen": "{{response}}", "rejected": "{{response}} or not"}""");
        Findings.OfTraining(folder, data).Has("boundary", severity, named);
    }

    [Theory]
    [InlineData("w10 ", "w12 w02 w13", Severity.Warning, "w02", "pairs.jsonl:1")]
    [InlineData("w10 ", "w12 w13", Severity.Ok)]
    public void Markers_SpecialTokensInRows_AreNamed(string prompt, string response, Severity severity, params string[] named)
    {
        var data = _models.Rows("pairs.jsonl", $$"""{"prompt": "{{prompt}}", "chosen": "{{response}}", "rejected": "w14"}""");
        Findings.OfTraining(_models.Language(), data).Has("markers", severity, named);
    }

    [Fact]
    public void Markers_InOneOfManyRows_AreCountedWithoutAWarning()
    {
        var data = _models.Rows("pairs.jsonl", [.. Enumerable.Range(0, 120).Select(i => $$"""{"prompt": "w10 ", "chosen": "w{{20 + (i % 70)}} w{{(i == 7 ? "02" : "13")}} w12", "rejected": "w14"}""")]);
        Findings.OfTraining(_models.Language(), data).Has("markers", Severity.Ok, "1 of 240 texts", "pairs.jsonl:8");
    }

    [Fact]
    public void Markers_RowsThatWereRenderedAlready_NameTheTemplatesLine()
    {
        var data = _models.Rows("pairs.jsonl", """{"prompt": "w20 w21 w22 w10", "chosen": "w12", "rejected": "w14"}""");
        Findings.OfTraining(_models.Language(), data, $"template={Format("w20 w21 w22 {content}\\n", "w21 {content}")}").Has("markers", Severity.Warning, "w20 w21 w22", "'twenty'");
    }

    [Theory]
    [InlineData(64, Severity.Ok, "0 of 20 rows")]
    [InlineData(6, Severity.Warning, "10 of 20 rows (50.0 %) are longer than 6 tokens")]
    [InlineData(3, Severity.Error, "20 of 20 rows")]
    public void OverLength_RowsOverTheLimit_AreCounted(int limit, Severity severity, string counted)
    {
        var data = _models.Rows("pairs.jsonl", [.. Enumerable.Range(0, 20).Select(i => $$"""{"prompt": "w{{10 + i}} ", "chosen": "w40 w41 {{(i < 10 ? "w42 w43 w44" : "w42")}}", "rejected": "w50"}""")]);
        Findings.OfTraining(_models.Language(), data, $"max_length={limit}").Has("over-length", severity, counted);
    }

    public void Dispose() => _models.Dispose();

    private string Format(string user, string assistant)
    {
        var file = _models.Folder["twenty.json"];
        File.WriteAllText(file, $$"""{"name": "twenty", "user": "{{user}}", "assistant": "{{assistant}}"}""");
        return file;
    }
}
