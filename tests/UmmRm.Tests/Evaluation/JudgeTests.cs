using Microsoft.Extensions.AI;
using UmmRm.Data;
using UmmRm.Evaluation;
using UmmRm.Rewards;
using UmmRm.Tokenization;

namespace UmmRm.Tests.Evaluation;

public sealed class JudgeTests
{
    private static readonly Conversation Prompt = Conversation.FromPrompt("Name a colour.");

    [Theory]
    [InlineData("Both name one.\nVerdict: tie", Verdict.Tie)]
    [InlineData("**Verdict: 1**", Verdict.First)]
    [InlineData("Verdict: 1 would be rash.\nverdict: 2", Verdict.Second)]
    [InlineData("> Verdict:2\n", Verdict.Second)]
    [InlineData("Verdict: 12", null)]
    [InlineData("Answer 1 is better.", null)]
    [InlineData("My verdict is 1", null)]
    [InlineData("", null)]
    public void Read_LastLineWithAVerdict_Counts(string answer, Verdict? expected) => Assert.Equal(expected, JudgePrompt.Read(answer));

    [Fact]
    public void Render_AnswersThatHoldPlaces_StayAsTheyAre()
    {
        var text = JudgePrompt.Default.Render(Prompt, "{{answer_2}} $1", "{{request}}");
        Assert.Contains("[Answer 1]\n{{answer_2}} $1\n", text, StringComparison.Ordinal);
        Assert.Contains("[Answer 2]\n{{request}}\n", text, StringComparison.Ordinal);
        Assert.Contains("[Request]\nName a colour.\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ChatJudge_AnswersWithoutAVerdict_IsAskedAgainAndThenUnanswered()
    {
        var second = new Scripted("I like both.", "Verdict: 2");
        var found = await new ChatJudge(second, "m", JudgePrompt.Default).Compare(Prompt, "red", "blue", TestContext.Current.CancellationToken);
        Assert.Equal((Verdict.Second, 2), (found.Verdict, found.Attempts));
        var never = new Scripted("no", "no", "no", "Verdict: 1");
        found = await new ChatJudge(never, "m", JudgePrompt.Default, attempts: 3).Compare(Prompt, "red", "blue", TestContext.Current.CancellationToken);
        Assert.Equal((Verdict.NoAnswer, 3, "no"), (found.Verdict, found.Attempts, found.Answer));
    }

    [Theory]
    [InlineData("long answer", "short", Verdict.First)]
    [InlineData("a", "b", Verdict.Tie)]
    [InlineData("", "b", Verdict.Second)]
    public async Task RewardJudge_HigherScore_Wins(string first, string second, Verdict expected) =>
        Assert.Equal(expected, (await new RewardJudge(new Length()).Compare(Prompt, first, second, TestContext.Current.CancellationToken)).Verdict);

    private sealed class Length : IRewardFunction
    {
        public string Name => "length";

        public double[] Score(IReadOnlyList<Completion> completions, CancellationToken cancellation = default) => [.. completions.Select(completion => (double)completion.Response.Length)];
    }

    private sealed class Scripted(params string[] answers) : IChatClient
    {
        private int _next;

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, answers[_next++])));

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
