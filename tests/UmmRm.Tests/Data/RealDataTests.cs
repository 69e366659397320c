using UmmRm.Data;
using UmmRm.Tokenization;

namespace UmmRm.Tests.Data;

/// <summary>Real files; their counts are published beside them.</summary>
public sealed class RealDataTests
{
    [Theory]
    [InlineData("train", 3483, 290)]
    [InlineData("validation", 1512, 130)]
    [InlineData("validation-length-balanced", 532, null)]
    public void AlpacaEval_Pairs_AreAsManyAsPublishedAndKnowTheirModels(string split, int pairs, int? prompts)
    {
        var data = PreferenceData.Read(DataSource.Parse($"{Repository.SharedData("alpaca_eval")}:{split}"));
        Assert.Equal((pairs, pairs, 0), (data.Report.RowsRead, data.Rows.Count, data.Report.Dropped.Count));
        if (prompts is not null)
            Assert.Equal(prompts, data.Rows.Select(pair => pair.PromptKey).Distinct().Count());
        Assert.All(data.Rows, pair => Assert.True(pair.Margin > 0 && pair.Attributes["chosen_model"] != pair.Attributes["rejected_model"]));
    }

    [Fact]
    public void AlpacaEval_TrainAndValidation_ShareNoPromptAndDemonstrationsShareAllOfTrain()
    {
        var folder = Repository.SharedData("alpaca_eval");
        var train = PreferenceData.Read(DataSource.Parse($"{folder}:train")).Rows.Select(pair => pair.Prompt).ToList();
        var validation = PreferenceData.Read(DataSource.Parse($"{folder}:validation")).Rows.Select(pair => pair.Prompt).ToList();
        var demonstrations = InstructionData.Read(DataSource.Parse($"{folder}:sft")).Rows.Select(row => row.Prompt).ToList();
        Assert.Equal(3071, demonstrations.Count);
        Assert.Equal(new PromptOverlap(130, 0, 1512, 0), PromptOverlap.Between(train, validation));
        Assert.Equal(0, PromptOverlap.Between(demonstrations, validation).Shared);
        Assert.Equal(new PromptOverlap(290, 290, 3483, 3483), PromptOverlap.Between(demonstrations, train));
    }

    [Fact]
    public void HarmlessBase_First1500_HasTheFiveKnownBadRows()
    {
        var source = DataSource.Parse(Repository.SharedData("hh-rlhf", "harmless-base") + ":first");
        var data = PreferenceData.Read(source, new ReadOptions { BadRows = BadRows.Drop });
        Assert.Equal((1500, 1495, "Anthropic HH"), (data.Report.RowsRead, data.Rows.Count, data.Report.Layout));
        var rows = data.Report.Dropped.ToDictionary(d => d.Reason, d => d.First);
        Assert.Equal(new[] { 86, 516, 925, 1103 }.Select(i => $"first-1500.jsonl.gz:{i + 1}"), rows[BadRowReason.EmptyResponse]);
        Assert.Equal([$"first-1500.jsonl.gz:{1254 + 1}"], rows[BadRowReason.PromptDiffers]);
        Assert.Equal(2, rows.Count);
        Assert.Contains("first-1500.jsonl.gz:87", Assert.Throws<InvalidDataException>(() => PreferenceData.Read(source)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void HarmlessBase_RenderedAsHh_IsThePublishedText()
    {
        var source = DataSource.Parse(Repository.SharedData("hh-rlhf", "harmless-base", "first-1500.jsonl.gz"));
        var hh = PromptTemplate.Resolve("hh", null);
        var rows = PreferenceData.ReadRows(source, new ReadOptions { BadRows = BadRows.Drop }).Rows;
        foreach (var row in rows)
        {
            Assert.Equal((string?)row.Row.Fields["chosen"], hh.Render(row.Pair.Prompt, row.Pair.Chosen).Text);
            Assert.Equal((string?)row.Row.Fields["rejected"], hh.Render(row.Pair.Prompt, row.Pair.Rejected).Text);
        }
    }

    [Fact]
    public void HarmlessBase_HeldOut_CountsPublishedRows()
    {
        var data = PreferenceData.Read(DataSource.Parse(Repository.SharedData("hh-rlhf", "harmless-base", "first-1500.jsonl.gz") + ":[0:1300]"), new ReadOptions { BadRows = BadRows.Drop });
        var (train, heldOut) = data.HoldOut(300); // rows 1000..1299, two of them bad
        Assert.Equal((1000 - 3, 300 - 2), (train.Count, heldOut.Count));
        Assert.Equal("first-1500.jsonl.gz:1001", heldOut[0].Origin);
    }
}
