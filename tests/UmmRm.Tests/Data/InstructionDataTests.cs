using UmmRm.Data;
using UmmRm.Tokenization;

namespace UmmRm.Tests.Data;

public sealed class InstructionDataTests
{
    [Theory]
    [InlineData("""{"instruction":"q","input":"i","output":"a"}""", "user:q", "i", "a")]
    [InlineData("""{"instruction":"q","input":"","output":"a"}""", "user:q", null, "a")]
    [InlineData("""{"instruction":"q","output":"a","generator":"m"}""", "user:q", null, "a")]
    [InlineData("""{"prompt":"q","completion":"a"}""", "user:q", null, "a")]
    [InlineData("""{"prompt":"q","response":"a","chosen":"c","rejected":"r"}""", "user:q", null, "a")]
    [InlineData("""{"prompt":[{"role":"user","content":"q"}],"completion":[{"role":"assistant","content":"a"}]}""", "user:q", null, "a")]
    [InlineData("""{"messages":[{"role":"system","content":"s"},{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}""", "system:s user:q", null, "a")]
    [InlineData("""{"prompt":"q","chosen":"a","rejected":"r"}""", "user:q", null, "a")]
    [InlineData("""{"instruction":"q","input":"i","output_1":"r","output_2":"a","preference":2}""", "user:q", "i", "a")]
    public void Read_EveryLayout_GivesPromptAndResponse(string row, string turns, string? input, string response)
    {
        using var file = new TemporaryFile("x.jsonl", row);
        var demonstration = Assert.Single(InstructionData.Read(file.Source).Rows);
        Assert.Equal((turns, input, response, "x.jsonl:1"), (Turns(demonstration.Prompt), demonstration.Prompt.Input, demonstration.Response, demonstration.Origin));
        var prompt = Assert.Single(PromptData.Read(file.Source).Rows);
        Assert.Equal((turns, input), (Turns(prompt), prompt.Input));
    }

    [Theory]
    [InlineData("""{"instruction":"q","output":" "}""", BadRowReason.EmptyResponse)]
    [InlineData("""{"instruction":"","output":"a"}""", BadRowReason.EmptyPrompt)]
    [InlineData("""{"instruction":"q","output":null}""", BadRowReason.NullValue)]
    [InlineData("""{"instruction":"q","input":5,"output":"a"}""", BadRowReason.WrongType)]
    public void Read_RowThatLies_IsCountedUnderItsReason(string row, BadRowReason reason)
    {
        using var file = new TemporaryFile("x.jsonl", $$"""{"instruction":"q","output":"a"}{{'\n'}}{{row}}""");
        var data = InstructionData.Read(file.Source, new ReadOptions { BadRows = BadRows.Drop });
        Assert.Equal((1, reason), (data.Rows.Count, Assert.Single(data.Report.Dropped).Reason));
        Assert.Contains("x.jsonl:2", Assert.Throws<InvalidDataException>(() => InstructionData.Read(file.Source)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_TiesInPreferenceData_AreDroppedForDemonstrationsToo() =>
        Assert.Equal(9, InstructionData.Read(new DataSource(Repository.Golden("data", "unified_feedback.parquet"))).Rows.Count);

    [Fact]
    public void PromptData_AnthropicHh_GivesTheTurnsBeforeTheAnswer()
    {
        var prompts = PromptData.Read(new DataSource(Repository.Golden("data", "hh.jsonl.gz"))).Rows;
        Assert.Equal("user:hello 1 assistant:Hi! user:Tell me about maps.", Turns(prompts[1]));
    }

    [Fact]
    public void PromptData_RepeatedPrompts_AreKeptAndCounted()
    {
        using var file = new TemporaryFile("x.jsonl", """
            {"prompt":"p"}
            {"prompt":"p"}
            {"prompt":"q"}
            """);
        var data = PromptData.Read(file.Source);
        Assert.Equal((3, 1), (data.Rows.Count, data.Report.Duplicates));
    }

    [Fact]
    public void HoldOut_LastRows_AreCountedAsPublished()
    {
        using var file = new TemporaryFile("x.jsonl", string.Join('\n', Enumerable.Range(0, 10).Select(i => $$"""{"prompt":"{{i}}","completion":"{{(i is 2 or 8 ? "" : "a")}}"}""")));
        var data = InstructionData.Read(file.Source, new ReadOptions { BadRows = BadRows.Drop });
        var (train, heldOut) = data.HoldOut(3);
        Assert.Equal("0 1 3 4 5 6", string.Join(' ', train.Select(row => row.Prompt.Turns[0].Content)));
        Assert.Equal("7 9", string.Join(' ', heldOut.Select(row => row.Prompt.Turns[0].Content)));
        Assert.Empty(data.HoldOut(0).HeldOut);
        Assert.Throws<ArgumentException>(() => data.HoldOut(10));
        Assert.Throws<ArgumentException>(() => data.HoldOut(-1));
    }

    [Fact]
    public void Overlap_SharedPrompts_AreCountedOncePerPromptAndPerRow()
    {
        var prompts = (string text) => text.Select(c => Conversation.FromPrompt(c.ToString()));
        var overlap = PromptOverlap.Between(prompts("abca"), prompts("ccda"));
        Assert.Equal(new PromptOverlap(3, 2, 4, 3), overlap);
        Assert.Contains("2 of 3 evaluation prompts (3 of 4 rows)", overlap.Warning, StringComparison.Ordinal);
        Assert.Null(PromptOverlap.Between(prompts("ab"), prompts("cd")).Warning);
        Assert.Equal(0, PromptOverlap.Between([Conversation.FromPrompt("a") with { Input = "x" }], prompts("a")).Shared);
    }

    private static string Turns(Conversation prompt) => string.Join(' ', prompt.Turns.Select(turn => $"{turn.Role}:{turn.Content}"));
}
