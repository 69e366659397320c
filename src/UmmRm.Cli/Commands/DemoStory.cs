using UmmRm.Recipes;
using UmmRm.Weights;

namespace UmmRm.Cli.Commands;

/// <summary>What the demo tells while it runs: for somebody who has not read the paper.</summary>
internal sealed class DemoStory(Terminal terminal)
{
    private static readonly Dictionary<string, string> Paragraphs = new()
    {
        ["world"] = "A language of 137 words. Prompts ask for eight simple things (list 3 colors, add 9 and 1, ...). A response has a core, right or wrong, and may be wrapped in phrases: polite ones, a justification, flattery, "
            + "a smile. The true ('gold') reward is a formula: mostly correctness, a little politeness, minus flattery, repetition and length. Real RLHF has no such formula; here it lets us see what a reward model got wrong.",
        ["backbone"] = "A transformer with random weights, written as a Hugging Face folder.",
        ["pretrained"] = "Pre-training on texts that end with a reader's verdict. Without it no reward model could tell a right core from a wrong one.",
        ["sft"] = "Supervised fine-tuning on demonstrations by good and bad writers. Good writers are right more often, and they also flatter and smile more: a correlation that means nothing and that a reward model may fall for.",
        ["pairs"] = "Preference pairs: two samples of the SFT policy a prompt, the one with the higher gold reward is 'chosen', a quarter of the labels is flipped as people's labels are noisy, exact ties are dropped.",
        ["dense"] = "The dense reward model: the SFT model with a scalar head, trained with the Bradley-Terry loss -log sigmoid(r(chosen) - r(rejected)). ln 2 = .693 means no preference.",
        ["dense-1"] = "Three more dense ones with other heads and data orders, for ensembles: their mean, their worst case (WCO), and mean minus variance (UWO). An ensemble costs as much as all of its members at every score.",
        ["warm-half"] = "WARM: the parameter average of reward models trained with 0.5, 1 and 2 times the learning rate. One model again, at the price of three trainings.",
        ["upcycled-k2"] = Upcycling,
        ["upcycled-k4"] = Upcycling,
        ["moe-k2"] = Mixture,
        ["moe-k4"] = Mixture,
        ["umm-k2"] = Merging,
        ["umm-k4"] = Merging,
        ["test-pairs"] = "Fresh pairs of the policy, labelled without noise.",
        ["accuracy"] = "Who orders pairs as gold does? On fresh pairs of the policy (validation), on pairs by writers whose flattery is reversed (shifted: who learned the phrase and not the content fails), and on pairs that "
            + "differ in their core alone (core).",
        ["ppo-dense"] = "Now the question that matters: what happens when a policy is trained against a reward model? PPO draws answers, has the reward model (the 'proxy') score them, and makes likely what scored high. At every few "
            + "iterations the same prompts are answered and scored by the proxy and by gold; gold only watches. The proxy always rises. Gold rises too, at first; when it falls while the proxy still rises, the proxy is being hacked.",
        ["ppo-umm-k2"] = MergedPolicy,
        ["ppo-umm-k4"] = MergedPolicy,
        ["ppo-moe-k4"] = "The mixture itself as the proxy, unmerged: the paper finds that merging is what helps, not the experts.",
        ["ppo-mean"] = "And against the ensembles and WARM.",
        ["ppo-dense-kl"] = "Two simple remedies that a better reward model has to beat: a price on every nat of divergence from the SFT policy (KL), and a reward that saturates (the sigmoid of its distance from the SFT policy's own answers).",
        ["bon"] = "Optimisation without training: the SFT policy answers many times and a reward takes the best of n. All choose among the same answers, so the rewards alone differ; the last row chooses by gold itself.",
        ["sensitivity"] = "The paper explains merging by smoothing: single experts react to accidents of wording, their average does not. So small changes are made to responses and each reward's reaction is measured, and the mixture's experts are asked one by one.",
        ["transfer"] = "Do exploits transfer? Every policy's final answers, scored by every reward. Where a policy that was trained against one reward model pleases all others too, averaging them cannot help.",
    };

    private readonly HashSet<string> _told = [];

    private const string Upcycling = "UMM-RM, step 1, upcycle: every feed-forward block is copied into eight experts: one shared, which every token visits with weight alpha = 0.5, and seven routed, of which a router picks k a token. "
        + "All copies are equal, so the mixture computes exactly what the dense model computes, until it is trained.";

    private const string Mixture = "Step 2, train the mixture on the same pairs with the same settings. The experts drift apart, each by what it saw.";

    private const string Merging = "Step 3, merge: the experts are averaged into one ordinary dense model of the original size, alpha for the shared one and learned shares for the others. What single experts picked up alone is diluted; "
        + "what they agree on stays.";

    private const string MergedPolicy = "The same policy, prompts and random numbers, against the merged reward models.";

    /// <summary>Explains a stage before it runs, each paragraph once.</summary>
    public void Before(Stage stage)
    {
        if (Paragraphs.TryGetValue(stage.Name, out var paragraph) && _told.Add(paragraph))
            terminal.Note($"\n{Wrapped(paragraph, terminal.Width)}");
    }

    /// <summary>Says how far learning moved a merge's coefficients.</summary>
    public void Coefficients(string folder)
    {
        if (MergeRecord.Read(folder) is not { } record)
            return;
        terminal.Note("\nMerge coefficients of umm-k4 (share of each routed expert, a layer a line):");
        foreach (var (layer, beta) in record.Coefficients.Index())
            terminal.Note($"  layer {layer}: {string.Join(' ', beta.Select(b => FormattableString.Invariant($"{b:.000}")))}");
        if (record.L1FromStart is { } moved)
            terminal.Note(FormattableString.Invariant($"  moved {moved.Average():0.000} (L1, at most 2) from the expected gates; calibration loss {record.LossBefore:0.0000} -> {record.LossAfter:0.0000}"));
    }

    /// <summary>What one seed can and cannot say.</summary>
    public static string Verdict(IReadOnlyList<AccuracyResult> results, long seed)
    {
        var better = results.Where(r => r.Accuracy.Against is { DifferenceInterval.Low: > 0 }).Select(r => $"{r.Model} on {r.Set}").ToList();
        var worse = results.Where(r => r.Accuracy.Against is { DifferenceInterval.High: < 0 }).Select(r => $"{r.Model} on {r.Set}").ToList();
        var found = (better.Count, worse.Count) switch
        {
            (0, 0) => "No reward model differs reliably from the dense one here.",
            _ => $"{(better.Count > 0 ? $"Better than dense, with an interval that excludes 0: {string.Join(", ", better)}. " : "")}{(worse.Count > 0 ? $"Worse: {string.Join(", ", worse)}. " : "")}".TrimEnd(),
        };
        return $"{found} This is one seed ({seed}): reward models differ by seed as much as by method.";
    }

    /// <summary>A text in lines of at most so many columns.</summary>
    public static string Wrapped(string text, int width)
    {
        var lines = new List<string> { "" };
        foreach (var word in text.Split(' '))
        {
            if (lines[^1].Length + word.Length + 1 > width)
                lines.Add(word);
            else
                lines[^1] += lines[^1].Length == 0 ? word : $" {word}";
        }
        return string.Join('\n', lines);
    }
}
