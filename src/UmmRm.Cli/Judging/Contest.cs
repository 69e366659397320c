using UmmRm.Evaluation;
using UmmRm.Tokenization;

namespace UmmRm.Cli.Judging;

/// <summary>One prompt and both policies' answers.</summary>
internal sealed record Match(Conversation Prompt, string A, string B);

/// <summary>Has every match judged, several at once, each in both orders where the judge minds them.</summary>
/// <param name="judge">The judge.</param>
/// <param name="promptHash">What else decides a verdict: the hash of how it is asked.</param>
/// <param name="log">What is known already, and where new verdicts go.</param>
/// <param name="parallel">Requests at a time.</param>
internal sealed class Contest(IJudge judge, string promptHash, VerdictLog log, int parallel)
{
    private const int SilencesInARow = 10;
    private int _silent;
    private int _done;

    /// <summary>Comparisons that are not known yet.</summary>
    public int Open(IReadOnlyList<Match> matches) => matches.Sum(match => Orders(match).Count(order => log.Find(Key(match, order)) is null));

    /// <summary>Judges the matches.</summary>
    /// <param name="matches">The matches.</param>
    /// <param name="progress">Called with the number of comparisons asked for so far.</param>
    /// <param name="stopping">Stops after the requests under way.</param>
    /// <exception cref="InvalidOperationException">The judge refuses, or did not answer ten times in a row; what was answered is kept.</exception>
    public async Task<IReadOnlyList<Duel>> Judge(IReadOnlyList<Match> matches, Action<int> progress, CancellationToken stopping)
    {
        var open = matches.Index().SelectMany(row => Orders(row.Item).Select(order => (row.Index, Match: row.Item, Order: order))).Where(asked => log.Find(Key(asked.Match, asked.Order)) is null)
            .DistinctBy(asked => Key(asked.Match, asked.Order));
        await Parallel.ForEachAsync(open, new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = stopping }, async (asked, cancellation) =>
        {
            var found = await Compare(asked.Index, asked.Match, asked.Order, cancellation).ConfigureAwait(false);
            log.Add(Key(asked.Match, asked.Order), asked.Index, asked.Order, judge.Name, found);
            if (found.Verdict != Verdict.NoAnswer)
                Interlocked.Exchange(ref _silent, 0);
            else if (Interlocked.Increment(ref _silent) >= SilencesInARow)
                throw new InvalidOperationException($"the judge gave no verdict {SilencesInARow} times in a row, the last time: {found.Answer}. What it said before is kept; run this again with --ask-again when it is well");
            progress(Interlocked.Increment(ref _done));
        }).ConfigureAwait(false);
        return [.. matches.Select(match => new Duel(PromptKey(match.Prompt), Said(match, "ab"), judge.MindsOrder ? Said(match, "ba") : null, match.A.Length, match.B.Length))];
    }

    private async Task<Judgement> Compare(int index, Match match, string order, CancellationToken cancellation)
    {
        var (first, second) = Shown(match, order);
        try
        {
            return await judge.Compare(match.Prompt, first, second, cancellation).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            var prompt = match.Prompt.Turns[^1].Content;
            throw new InvalidDataException($"comparison {index + 1}, of the answers to '{(prompt.Length > 60 ? $"{prompt[..60]}..." : prompt)}' (text 0 is --a's, text 1 --b's): {e.Message}", e);
        }
    }

    /// <summary>Equal answers are a tie without being asked about.</summary>
    private string[] Orders(Match match) => match.A == match.B ? [] : judge.MindsOrder ? ["ab", "ba"] : ["ab"];

    private Verdict Said(Match match, string order) => match.A == match.B ? Verdict.Tie : log.Find(Key(match, order))!.Verdict;

    private string Key(Match match, string order)
    {
        var (first, second) = Shown(match, order);
        return VerdictLog.Key(judge.Name, promptHash, PromptKey(match.Prompt), first, second);
    }

    private static (string First, string Second) Shown(Match match, string order) => order == "ab" ? (match.A, match.B) : (match.B, match.A);

    private static string PromptKey(Conversation prompt) => string.Join('\n', prompt.Turns.Select(turn => $"{turn.Role}: {turn.Content}").Append(prompt.Input ?? ""));
}
