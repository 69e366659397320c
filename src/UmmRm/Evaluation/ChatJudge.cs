using Microsoft.Extensions.AI;
using UmmRm.Tokenization;

namespace UmmRm.Evaluation;

/// <summary>
/// A language model as judge, at temperature 0. An answer without a verdict is asked for again; when no attempt gives one, or the model cannot be reached within the client's own patience
/// (<see cref="JudgeUnreachableException"/>), the verdict is <see cref="Verdict.NoAnswer"/>.
/// </summary>
/// <param name="client">The model; its retries and time-outs are its own.</param>
/// <param name="model">The model's name, for the records.</param>
/// <param name="words">How it is asked.</param>
/// <param name="attempts">How often one comparison is asked for before it counts as unanswered; at least 1.</param>
public sealed class ChatJudge(IChatClient client, string model, JudgePrompt words, int attempts = 3) : IJudge
{
    /// <summary>Most tokens of an answer: a reason and a verdict are short, and models that think first need room.</summary>
    public const int MostOutputTokens = 1024;

    /// <inheritdoc/>
    public string Name => model;

    /// <inheritdoc/>
    public bool MindsOrder => true;

    /// <inheritdoc/>
    public async Task<Judgement> Compare(Conversation prompt, string first, string second, CancellationToken cancellation = default)
    {
        var request = words.Render(prompt, first, second);
        var (answer, input, output) = ("", 0L, 0L);
        for (var attempt = 1; attempt <= attempts; attempt++)
        {
            ChatResponse response;
            try
            {
                response = await client.GetResponseAsync([new ChatMessage(ChatRole.User, request)], new ChatOptions { Temperature = 0, MaxOutputTokens = MostOutputTokens }, cancellation).ConfigureAwait(false);
            }
            catch (JudgeUnreachableException e)
            {
                return new Judgement(Verdict.NoAnswer, e.Message, attempt, input, output);
            }
            answer = response.Text;
            input += response.Usage?.InputTokenCount ?? 0;
            output += response.Usage?.OutputTokenCount ?? 0;
            if (JudgePrompt.Read(answer) is { } verdict)
                return new Judgement(verdict, answer, attempt, input, output);
        }
        return new Judgement(Verdict.NoAnswer, answer, attempts, input, output);
    }
}
