using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Cli.Judging;
using UmmRm.Data;
using UmmRm.Evaluation;
using UmmRm.Generation;
using UmmRm.Reports;
using UmmRm.Tokenization;

namespace UmmRm.Cli.Commands;

/// <summary><c>ummrm judge</c></summary>
internal sealed class JudgeCommand : Verb
{
    private const int CharactersAToken = 4;         // a rule of thumb for English
    private const int TokensOfAnAnswer = 80;        // two sentences and the verdict
    private static readonly JsonSerializerOptions Form = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Option<string> _a = OptionOf.Text("--a", "RUN_OR_FILE", "one policy: rows with prompt and response, or a language model's or run's folder, which then answers the prompts", required: true);
    private readonly Option<string> _b = OptionOf.Text("--b", "RUN_OR_FILE", "the policy that it is compared with", required: true);
    private readonly Option<string> _prompts = OptionOf.Text("--prompts", "FILE", "the prompts (default: those of --a, when it is a file)");
    private readonly Option<string> _output = OptionOf.Text("--output", "DIR", "where verdicts.jsonl and win-rate.json go (default: runs/judge)");
    private readonly JudgeOptions _judge = new();
    private readonly Option<int?> _parallel = OptionOf.Integer("--parallel", "N", "requests at a time (default: 4)", 1, 256);
    private readonly Option<bool> _askAgain = OptionOf.Switch("--ask-again", "ask anew for comparisons that had no answer in an earlier run");
    private readonly Option<bool> _estimate = OptionOf.Switch("--estimate", "say what it would take, and ask nothing");
    private readonly Option<double?> _priceIn = OptionOf.Number("--price-in", "USD", "price of a million tokens read, for the estimate", 0, 1e6);
    private readonly Option<double?> _priceOut = OptionOf.Number("--price-out", "USD", "price of a million tokens written", 0, 1e6);
    private readonly Option<string> _template = OptionOf.Text("--template", "NAME", "folders: how a prompt becomes a text (default: as the folder records, else its chat template, else raw)");
    private readonly Option<double?> _temperature = OptionOf.Number("--temperature", "T", "folders: divides the logits; 0 takes the most likely token (default: 1)", 0, 100);
    private readonly Option<int?> _maxNewTokens = OptionOf.Integer("--max-new-tokens", "N", "folders: most tokens of an answer (default: 256)", 1, 1_000_000);

    public JudgeCommand()
        : base("judge", VerbGroup.Use, "win rate between two policies",
            "Shows a judge both policies' answers to every prompt, once in each order, and counts: wins (better in both orders), ties, losses, and comparisons in which the orders disagree. Reports the win rate with its interval, what it "
            + "would be at equal lengths, and how far the judge prefers what is shown first. Every verdict is kept as a line of verdicts.jsonl, so a stopped run goes on without asking twice. What has no answer after all retries is "
            + "counted as that, never as a tie; equal answers are a tie without being asked about.")
    {
        foreach (var option in (Option[])[_a, _b, _prompts, _output, .. _judge.All, _parallel, _askAgain, _estimate, _priceIn, _priceOut, _template, _temperature, _maxNewTokens])
            Add(option);
    }

    public override IReadOnlyList<Example> Examples =>
    [
        new("judge --a umm.jsonl --b dense.jsonl --judge gpt-4.1-nano --output runs/judge", "OpenAI's endpoint, the key from the environment"),
        new("judge --a runs/ppo-umm --b runs/ppo-dense --prompts eval.jsonl --judge llama --base-url http://127.0.0.1:8000/v1", "a server on this machine; the policies answer first"),
        new("judge --a umm.jsonl --b dense.jsonl --judge gold/model", "a reward model decides: no endpoint"),
    ];

    public override int Run(Invocation invocation)
    {
        var names = (A: invocation.Value(_a)!, B: invocation.Value(_b)!);
        var matches = Matches(invocation, names);
        var folder = invocation.Value(_output) ?? Path.Combine("runs", "judge");
        Directory.CreateDirectory(folder);
        var prompt = _judge.Prompt(invocation);
        var judge = _judge.Open(invocation);
        using var log = new VerdictLog(Path.Combine(folder, "verdicts.jsonl"), invocation.Value(_askAgain));
        var contest = new Contest(judge, judge is ChatJudge ? prompt.Hash : "", log, invocation.Value(_parallel) ?? 4);
        var open = contest.Open(matches);
        Announce(invocation, matches, open, judge, prompt);
        if (invocation.Value(_estimate))
            return ExitCode.Done;
        var duels = contest.Judge(matches, done => invocation.Terminal.Progress.Report(new ProgressReport("judging", done, open, "verdicts")), invocation.Stopping).GetAwaiter().GetResult();
        var rate = WinRate.Of(duels, invocation.Seed ?? 0);
        var json = Json(rate, names, judge, prompt);
        File.WriteAllText(Path.Combine(folder, "win-rate.json"), json.ToJsonString(Form) + "\n");
        if (invocation.Json)
            invocation.Terminal.Result(json.ToJsonString() + "\n");
        else
            invocation.Terminal.Result(Table(rate, names, folder));
        return ExitCode.Done;
    }

    private IReadOnlyList<Match> Matches(Invocation invocation, (string A, string B) names)
    {
        var (policyA, policyB) = (Answers.Policy(invocation.Model(names.A)), Answers.Policy(invocation.Model(names.B)));
        var inA = policyA is null ? Answers.InFile(names.A, invocation) : null;
        var inB = policyB is null ? Answers.InFile(names.B, invocation) : null;
        var prompts = invocation.Value(_prompts) is { } path ? [.. RowInput.Open(path, invocation).Select(row => PromptData.FromRow(row))]
            : (inA ?? inB)?.Select(answer => answer.Prompt).ToList() ?? throw new UsageException("--prompts is missing: both policies are folders, and somebody has to say what they are asked");
        if (prompts.Count == 0)
            throw new InvalidDataException($"there is no prompt in {invocation.Value(_prompts) ?? names.A}; at least one is needed");
        return Answers.Pair(prompts, inA ?? Drawn(invocation, policyA!, prompts), inB ?? Drawn(invocation, policyB!, prompts), names);
    }

    private IReadOnlyList<Completion> Drawn(Invocation invocation, string folder, IReadOnlyList<Conversation> prompts) => Answers.Drawn(folder, prompts, invocation.Value(_template), new SamplingSettings
    {
        Temperature = invocation.Value(_temperature) ?? 1,
        MaxNewTokens = invocation.Value(_maxNewTokens) ?? 256,
        EndIds = [],
        PadId = 0,
        Seed = invocation.Seed ?? 0,
    }, invocation);

    /// <summary>What it will take, before it begins.</summary>
    private void Announce(Invocation invocation, IReadOnlyList<Match> matches, int open, IJudge judge, JudgePrompt prompt)
    {
        var asked = string.Create(CultureInfo.InvariantCulture, $"{matches.Count} comparisons by {judge.Name}: {open} verdicts to ask for");
        if (judge is ChatJudge && open > 0)
        {
            var read = (double)open * matches.Average(match => prompt.Render(match.Prompt, match.A, match.B).Length) / CharactersAToken;
            var written = (double)open * TokensOfAnAnswer;
            asked += string.Create(CultureInfo.InvariantCulture, $", about {read / 1e6:0.000} million tokens to read and {written / 1e6:0.000} million to write");
            if (invocation.Value(_priceIn) is { } priceIn && invocation.Value(_priceOut) is { } priceOut)
                asked += string.Create(CultureInfo.InvariantCulture, $", about {(read * priceIn + written * priceOut) / 1e6:0.00} USD");
        }
        invocation.Terminal.Note(asked);
    }

    private static JsonObject Json(WinRate rate, (string A, string B) names, IJudge judge, JudgePrompt prompt) => new()
    {
        ["a"] = names.A,
        ["b"] = names.B,
        ["judge"] = judge.Name,
        ["judge_prompt"] = judge is ChatJudge ? new JsonObject { ["file"] = prompt.Name, ["sha256"] = prompt.Hash } : null,
        ["comparisons"] = rate.Duels,
        ["wins"] = rate.Wins,
        ["ties"] = rate.Ties,
        ["losses"] = rate.Losses,
        ["disagreements"] = rate.Disagreements,
        ["no_answers"] = rate.NoAnswers,
        ["win_rate"] = rate.Rate?.Value,
        ["interval"] = Both(rate.Rate),
        ["length_controlled_win_rate"] = rate.LengthControlled?.Value,
        ["length_controlled_interval"] = Both(rate.LengthControlled),
        ["prefers_first"] = rate.PositionBias?.Value,
        ["prefers_first_interval"] = Both(rate.PositionBias),
        ["mean_length_a"] = rate.MeanLengthA,
        ["mean_length_b"] = rate.MeanLengthB,
    };

    private static JsonArray? Both(Proportion? share) => share is null ? null : [share.Interval.Low, share.Interval.High];

    private static string Table(WinRate rate, (string A, string B) names, string folder)
    {
        static string Share(Proportion? share) => share is null ? "no answer" : string.Create(CultureInfo.InvariantCulture, $"{share.Value:0.000} [{share.Interval.Low:0.000}, {share.Interval.High:0.000}]");
        string Of(int count) => string.Create(CultureInfo.InvariantCulture, $"{count,6} {100.0 * count / rate.Duels,6:0.0} %");
        return string.Create(CultureInfo.InvariantCulture, $"""
            {names.A} against {names.B}: {rate.Duels} comparisons
              wins           {Of(rate.Wins)}
              ties           {Of(rate.Ties)}
              losses         {Of(rate.Losses)}
              orders differ  {Of(rate.Disagreements)}
              no answer      {Of(rate.NoAnswers)}
            win rate, a tie or two orders that differ count one half   {Share(rate.Rate)}
            the same at equal lengths                                  {Share(rate.LengthControlled)}

            """) + (rate.PositionBias is null ? "" : $"prefers what is shown first                                {Share(rate.PositionBias)}\n")
            + string.Create(CultureInfo.InvariantCulture, $"mean length {rate.MeanLengthA:0} against {rate.MeanLengthB:0} characters. Verdicts: {Path.Combine(folder, "verdicts.jsonl")}\n");
    }
}
