using System.IO.Compression;
using System.Text;
using UmmRm.Data;
using UmmRm.Hub;
using UmmRm.Tests.Hub;

namespace UmmRm.Tests.Data;

/// <summary>Known data sets from a hub, in their published layouts; the slices are METHOD 6's table.</summary>
public sealed class NamedDataSetTests : IDisposable
{
    private readonly FakeHub _hub = new();

    public NamedDataSetTests() => _hub.Misbehave = (request, elsewhere) => elsewhere ? null : Renamed(request);

    public void Dispose() => _hub.Dispose();

    [Theory]
    [InlineData("hh-harmless:sft", "train", 0, 10000)]
    [InlineData("hh-helpful:reward", "train", 12000, 22000)]
    [InlineData("hh-harmless:reward-validation", "train", 22000, 22500)]
    [InlineData("hh-harmless:reward-test", "test", 0, 500)]
    [InlineData("hh-harmless:reward[9700:]", "train", 21700, 22000)]
    [InlineData("webgpt:reward", "train", 11000, 18000)]
    [InlineData("webgpt:reward-validation", "train", 18000, null)]
    [InlineData("webgpt:reward-test", "val", 0, null)]
    [InlineData("alpacafarm:reward-validation[0:100]", "alpaca_human_preference", 9191, 9291)]
    [InlineData("alpacafarm:ppo-evaluation", "unlabeled", 18000, 20000)]
    [InlineData("ultrafeedback:test_prefs[5:]", "test_prefs", 5, null)]
    public void Rows_PapersPart_IsTheMethodsSlice(string text, string split, int start, int? end)
    {
        var source = DataSource.Parse(text);
        Assert.True(HubData.IsFetched(source));
        var rows = NamedDataSets.Find(source.Path)!.Rows(source);
        Assert.Equal((split, start, end), (rows.Split, rows.Start, rows.End));
    }

    /// <summary>The repositories' own trees, as their pages on the hub show them.</summary>
    [Theory]
    [InlineData("webgpt:train", "webgpt_comparisons/train-00000-of-00001.parquet")]
    [InlineData("webgpt:reward-test", "webgpt_comparisons/val-00000-of-00001.parquet")]
    [InlineData("alpacafarm:sft", "alpaca_instructions/sft.json")]
    [InlineData("alpacafarm:ppo", "alpaca_instructions/unlabeled.json")]
    [InlineData("alpacafarm:val", "alpaca_instructions/val.json")]
    [InlineData("alpacafarm:preference", "alpaca_instructions/preference.json")]
    [InlineData("alpacafarm:reward", "alpaca_human_preference.json")]
    [InlineData("alpacafarm:judge", "alpaca_farm_evaluation.json")]
    [InlineData("alpacafarm:alpaca_noisy_multi_preference", "alpaca_noisy_multi_preference.json")]
    [InlineData("ultrafeedback:train_prefs", "data/train_prefs-00000-of-00001.parquet")]
    [InlineData("ultrafeedback:test_gen", "data/test_gen-00000-of-00001.parquet")]
    [InlineData("pku-saferlhf:test", "data/Alpaca-7B/test.jsonl", "data/Alpaca2-7B/test.jsonl", "data/Alpaca3-8B/test.jsonl")]
    [InlineData("helpsteer3:validation", "preference/validation.jsonl.gz")]
    public void Choose_AmongThePublishedFiles_FindsTheSplits(string text, params string[] expected)
    {
        string[] tree = text.Split(':')[0] switch
        {
            "webgpt" => [".gitattributes", "README.md", .. from part in (string[])["openai_summarize_from_feedback", "webgpt_comparisons", "ultrafeedback"] from split in (string[])["train", "val"] select $"{part}/{split}-00000-of-00001.parquet"],
            "alpacafarm" =>
            [
                "README.md", "alpaca_farm.py", "alpaca_farm_evaluation.json", "alpaca_gpt4_preference.json", "alpaca_human_preference.json", "alpaca_noisy_multi_preference.json",
                "alpaca_instructions/preference.json", "alpaca_instructions/sft.json", "alpaca_instructions/unlabeled.json", "alpaca_instructions/val.json",
            ],
            "ultrafeedback" => ["README.md", .. ((string[])["test_gen", "test_prefs", "test_sft", "train_gen", "train_prefs", "train_sft"]).Select(split => $"data/{split}-00000-of-00001.parquet")],
            "pku-saferlhf" => [.. from model in (string[])["Alpaca-7B", "Alpaca2-7B", "Alpaca3-8B"] from split in (string[])["test", "train"] select $"data/{model}/{split}.jsonl"],
            _ => [.. from part in (string[])["edit", "edit_quality", "feedback", "preference"] from split in (string[])["train", "validation"] select $"{part}/{split}.jsonl.gz"],
        };
        var source = DataSource.Parse(text);
        var set = NamedDataSets.Find(source.Path)!;
        Assert.Equal(expected, set.Published[set.Rows(source).Split!].SelectMany(split => DataFolder.Choose(set.Name, tree, split)));
    }

    [Theory]
    [InlineData("hh-harmless", "several splits (train, test, sft,")]
    [InlineData("hh-harmless:tets", "no split 'tets'; it has train, test, sft")]
    [InlineData("hh-harmless:reward-test[0:501]", "has 500 rows")]
    [InlineData("hh-harmless:reward-test[500:]", "has 500 rows")]
    public void Rows_NotThere_SaysWhatIs(string text, string message)
    {
        var source = DataSource.Parse(text);
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => NamedDataSets.Find(source.Path)!.Rows(source)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fetch_HhHarmless_ReadsTheSliceOfItsFolderAndFetchesNothingElse()
    {
        for (var i = 0; i < 2; i++)
            _hub.Files[$"{(i == 0 ? "harmless" : "helpful")}-base/train.jsonl.gz"] = Compressed(string.Concat(Enumerable.Range(0, 30).Select(row => $$"""{"chosen": "\n\nHuman: q{{row}}\n\nAssistant: good{{i}}", "rejected": "\n\nHuman: q{{row}}\n\nAssistant: bad"}""" + "\n")));
        var data = Read("hh-harmless:train[10:12]");
        Assert.Equal(["q10", "q11"], data.Rows.Select(pair => pair.Prompt.Turns[^1].Content));
        Assert.Equal("good0", data.Rows[0].Chosen);
        Assert.Equal("hh-harmless:train[10:12]", data.Report.Source);
        Assert.Single(_hub.RequestsElsewhere);
        Assert.Contains("hh-harmless:reward: there are 30 rows only".Replace(":reward", ":train[12000:22000]", StringComparison.Ordinal), Assert.Throws<InvalidDataException>(() => Read("hh-harmless:reward")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fetch_HubId_FindsFolderAndSplitAmongTheFiles()
    {
        _hub.Files["README.md"] = [];
        _hub.Files["data/train-00000-of-00002.jsonl"] = Row("a");
        _hub.Files["data/train-00001-of-00002.jsonl"] = Row("b");
        _hub.Files["data/test-00000-of-00001.jsonl"] = Row("c");
        Assert.Equal(["a", "b"], Read("org/name:train").Rows.Select(pair => pair.Chosen));
        Assert.Equal(["c"], Read($"org/name@{FakeHub.Commit}:data/test").Rows.Select(pair => pair.Chosen));
        Assert.Contains("data/test, data/train", Assert.Throws<ArgumentException>(() => Read("org/name")).Message, StringComparison.Ordinal);
        Assert.Contains("no split 'dev'", Assert.Throws<FileNotFoundException>(() => Read("org/name:dev")).Message, StringComparison.Ordinal);
        _hub.Files.Remove("data/train-00001-of-00002.jsonl");
        Assert.Contains("2 are expected", Assert.Throws<FileNotFoundException>(() => Read("org/name:train")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fetch_PkuSafeRlhf_TakesItsThreeFilesInOrderAndThePreferredResponse()
    {
        foreach (var (i, model) in ((string[])["Alpaca-7B", "Alpaca2-7B", "Alpaca3-8B"]).Index())
            _hub.Files[$"data/{model}/train.jsonl"] = Encoding.UTF8.GetBytes($$"""{"prompt": "p{{i}}", "response_0": "zero", "response_1": "one", "is_response_0_safe": true, "better_response_id": {{i % 2}}, "safer_response_id": 0}""" + "\n");
        Assert.Equal([("p0", "zero"), ("p1", "one"), ("p2", "zero")], Read("pku-saferlhf:train").Rows.Select(pair => (pair.Prompt.Turns[0].Content, pair.Chosen)));
        Assert.All(Read("pku-saferlhf:train", ReadOptions.ParseColumns("better_response_id=safer_response_id")).Rows, pair => Assert.Equal("zero", pair.Chosen));
        using var odd = new TemporaryFile("odd.jsonl", """{"prompt": "p", "response_0": "a", "response_1": "b", "better_response_id": 2}""");
        Assert.Contains("expected 0 or 1", Assert.Throws<InvalidDataException>(() => PreferenceData.Read(odd.Source)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fetch_HelpSteer3_HasTurnsMarginsAndTies()
    {
        _hub.Files["preference/train.jsonl"] = Encoding.UTF8.GetBytes(string.Concat(((int[])[-3, 0, 1]).Select(strength =>
            $$"""{"domain": "general", "context": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}, {"role": "user", "content": "how?"}], "response1": "first", "response2": "second", "overall_preference": {{strength}}}""" + "\n")));
        var data = Read("helpsteer3:train");
        Assert.Equal([("first", 3.0), ("second", 1.0)], data.Rows.Select(pair => (pair.Chosen, pair.Margin!.Value)));
        Assert.Equal(["user", "assistant", "user"], data.Rows[0].Prompt.Turns.Select(turn => turn.Role));
        Assert.Equal((BadRowReason.Tie, 1), data.Report.Dropped.Select(rows => (rows.Reason, rows.Count)).Single());
        var source = HubData.Fetch(DataSource.Parse("helpsteer3:train"), new HubClient(_hub.Settings)).Source;
        var tie = PreferenceData.Read(source, new ReadOptions { KeepTies = true }).Rows[1];
        Assert.Equal((0.5, 0.0), (tie.Label, tie.Margin));
        Assert.Equal("second", PreferenceData.ReadRows(source).Rows[0].Reversed()["response1"]!.GetValue<string>());
    }

    [Fact]
    public void Read_HelpSteer2Layout_PartsThePromptAtItsMarkers()
    {
        using var file = new TemporaryFile("preference.jsonl", """{"prompt": "hi\n<extra_id_1>Assistant\nhello\n<extra_id_1>User\nhow?", "response_1": "a", "response_2": "b", "preference_strength": 2, "split": "train"}""");
        var pair = PreferenceData.Read(file.Source).Rows.Single();
        Assert.Equal([("user", "hi"), ("assistant", "hello"), ("user", "how?")], pair.Prompt.Turns.Select(turn => (turn.Role, turn.Content)));
        Assert.Equal(("b", "a", 2.0), (pair.Chosen, pair.Rejected, pair.Margin));
    }

    [Fact]
    public void Fetch_UltraFeedback_MarginIsTheScoresDifference()
    {
        _hub.Files["data/train_prefs-00000-of-00001.jsonl"] = """{"prompt": "q", "chosen": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}], "rejected": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "b"}], "score_chosen": 8.5, "score_rejected": 6}"""u8.ToArray();
        var pair = Read("ultrafeedback:train_prefs").Rows.Single();
        Assert.Equal(("q", "a", "b", 2.5), (pair.Prompt.Turns.Single().Content, pair.Chosen, pair.Rejected, pair.Margin));
    }

    [Fact]
    public void Fetch_AlpacaFarm_FindsAFileInItsSubFolder()
    {
        _hub.Files["alpaca_human_preference.json"] = """[{"instruction": "i", "input": "", "output_1": "x", "output_2": "y", "preference": 2}]"""u8.ToArray();
        _hub.Files["alpaca_instructions/sft.json"] = """[{"instruction": "i", "input": "", "output": "z"}]"""u8.ToArray();
        using var hub = new HubClient(_hub.Settings);
        Assert.Equal("y", PreferenceData.Read(HubData.Fetch(DataSource.Parse("alpacafarm:alpaca_human_preference"), hub).Source).Rows.Single().Chosen);
        Assert.Equal("z", InstructionData.Read(HubData.Fetch(DataSource.Parse("alpacafarm:sft"), hub).Source).Rows.Single().Response);
    }

    [Fact]
    public void IsFetched_WhatLiesHere_IsNot()
    {
        using var file = new TemporaryFile("x.jsonl", "{}");
        Assert.False(HubData.IsFetched(file.Source));
        Assert.False(HubData.IsFetched(new DataSource("-")));
        Assert.False(HubData.IsFetched(DataSource.Parse("data/pairs.jsonl")));
        Assert.True(HubData.IsFetched(DataSource.Parse("org/name:train")));
    }

    private DataSet<PreferencePair> Read(string text, IReadOnlyDictionary<string, string>? columns = null)
    {
        using var hub = new HubClient(_hub.Settings);
        return PreferenceData.Read(HubData.Fetch(DataSource.Parse(text), hub).Source, new ReadOptions { Columns = columns ?? new Dictionary<string, string>() });
    }

    /// <summary>The fake hub has one repository; known data sets are sent to it, as renamed ones are.</summary>
    private static FakeAnswer? Renamed(FakeRequest request)
    {
        var set = NamedDataSets.All.FirstOrDefault(set => request.Target.Contains($"/{set.Repository.Name}/", StringComparison.Ordinal));
        return set is null ? null : new FakeAnswer(307, "", ("Location", request.Target.Replace($"/{set.Repository.Name}/", "/org/name/", StringComparison.Ordinal)));
    }

    private static byte[] Row(string chosen) => Encoding.UTF8.GetBytes($$"""{"prompt": "p", "chosen": "{{chosen}}", "rejected": "r"}""" + "\n");

    private static byte[] Compressed(string text)
    {
        using var result = new MemoryStream();
        using (var gzip = new GZipStream(result, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return result.ToArray();
    }
}
