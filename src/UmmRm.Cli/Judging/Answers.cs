using UmmRm.Data;
using UmmRm.Generation;
using UmmRm.Recipes;
using UmmRm.Reports;
using UmmRm.Tokenization;

namespace UmmRm.Cli.Judging;

/// <summary>A policy's answers to prompts: rows of a file, or drawn from a language model.</summary>
internal static class Answers
{
    /// <summary>The completions in a file, in its order.</summary>
    public static IReadOnlyList<Completion> InFile(string path, Invocation invocation) => [.. RowInput.Open(path, invocation).Select(row => RowCompletion.Of(row))];

    /// <summary>The folder of a policy: a language model's, or a run or stage folder with one in <c>model</c>; null when it is no folder.</summary>
    /// <exception cref="FileNotFoundException">The folder holds no model.</exception>
    public static string? Policy(string path)
    {
        if (!Directory.Exists(path))
            return null;
        return new[] { path, Path.Combine(path, "model") }.FirstOrDefault(folder => File.Exists(Path.Combine(folder, "config.json")))
            ?? throw new FileNotFoundException($"{path} holds no policy: expected a language model's folder (config.json), a run of sft or ppo (model/config.json), or a file with prompt and response a row", path);
    }

    /// <summary>Draws an answer to each prompt.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="prompts">The prompts.</param>
    /// <param name="template">How they become texts; null for what the folder records, else raw.</param>
    /// <param name="settings">How to draw; end and padding tokens are the folder's.</param>
    /// <param name="invocation">Terminal and threads.</param>
    public static IReadOnlyList<Completion> Drawn(string folder, IReadOnlyList<Conversation> prompts, string? template, SamplingSettings settings, Invocation invocation)
    {
        invocation.UseThreads();
        var opened = ModelFolder.Open(folder);
        var encoder = opened.Encoder(template);
        using var model = opened.LoadLanguageModel();
        model.eval();
        var own = settings with { EndIds = opened.EndIds(encoder), PadId = opened.PadId };
        var ids = prompts.Select((prompt, i) => encoder.EncodePrompt(prompt) is { Length: > 0 } tokens && tokens.Length + own.MaxNewTokens <= opened.Config.Model.MaxPositions
            ? tokens
            : throw new InvalidDataException($"prompt {i + 1} has {encoder.EncodePrompt(prompt).Length} tokens; with {own.MaxNewTokens} new ones it must fit the {opened.Config.Model.MaxPositions} positions of {folder}, and it must not be empty: lower --max-new-tokens, or leave it out")).ToArray();
        var drawn = new Sampler(model, own).Generate(ids, done => invocation.Terminal.Progress.Report(new ProgressReport(folder, done, prompts.Count, "responses")), invocation.Stopping);
        return [.. prompts.Zip(drawn, (prompt, continuation) => encoder.DecodeResponse(prompt, continuation.Ids, continuation.Ended))];
    }

    /// <summary>Brings two sides together by prompt; the k-th answer to a prompt meets the other side's k-th.</summary>
    /// <exception cref="InvalidDataException">A prompt lacks an answer on one side.</exception>
    public static IReadOnlyList<Match> Pair(IReadOnlyList<Conversation> prompts, IReadOnlyList<Completion> a, IReadOnlyList<Completion> b, (string A, string B) names)
    {
        var (left, right) = (Queues(a), Queues(b));
        return [.. prompts.Select((prompt, i) => new Match(prompt, Next(left, prompt, names.A, i), Next(right, prompt, names.B, i)))];
    }

    private static Dictionary<Conversation, Queue<string>> Queues(IReadOnlyList<Completion> answers) =>
        answers.GroupBy(answer => answer.Prompt, answer => answer.Response, PromptComparer.Instance).ToDictionary(group => group.Key, group => new Queue<string>(group), PromptComparer.Instance);

    private static string Next(Dictionary<Conversation, Queue<string>> answers, Conversation prompt, string name, int index) =>
        answers.TryGetValue(prompt, out var own) && own.TryDequeue(out var next)
            ? next
            : throw new InvalidDataException($"{name} has no answer (or too few) to prompt {index + 1}, '{Start(prompt.Turns[^1].Content)}': both sides need one for every prompt; name the prompts that both answered with --prompts");

    private static string Start(string text) => text.Length <= 60 ? text : text[..60] + "...";
}
