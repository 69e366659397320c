using UmmRm.Evaluation;
using UmmRm.Figures;

namespace UmmRm.Reports;

/// <summary>All that a report shows, read from one run folder or from a sweep's: numbers and texts, no layout. What a run does not have (yet) is null or empty.</summary>
public sealed record RunReport
{
    /// <summary>The recipe's name.</summary>
    public required string Title { get; init; }

    /// <summary>The recipe's description.</summary>
    public string Description { get; init; } = "";

    /// <summary>The folder that was read.</summary>
    public required string Folder { get; init; }

    /// <summary>How far it is: <c>done</c>, <c>running: 12 of 24 stages</c>, <c>failed: why</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Whether something may still be at work on it.</summary>
    public bool Running { get; init; }

    /// <summary>Facts for the page's head: seeds, when, how long, versions.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Facts { get; init; } = [];

    /// <summary>The runs' results; several for a sweep over a grid.</summary>
    public required IReadOnlyList<PointReport> Points { get; init; }

    /// <summary>Gold by each setting of the method that took several values.</summary>
    public IReadOnlyList<SettingReport> Settings { get; init; } = [];

    /// <summary>What each place of a grid did to the policies, or null.</summary>
    public ReportTable? Grid { get; init; }

    /// <summary>What each stage cost, or null.</summary>
    public ReportTable? Costs { get; init; }

    /// <summary>The resolved recipe, YAML.</summary>
    public string Recipe { get; init; } = "";

    /// <summary>What could not be read, and why.</summary>
    public IReadOnlyList<string> Troubles { get; init; } = [];
}

/// <summary>What the runs of one recipe show, one run a seed.</summary>
/// <param name="Name">The place in a sweep's grid; empty without a grid.</param>
public sealed record PointReport(string Name)
{
    /// <summary>Policies trained against a proxy.</summary>
    public IReadOnlyList<MethodReport> Methods { get; init; } = [];

    /// <summary>What was found, in a sentence or two.</summary>
    public string Words { get; init; } = "";

    /// <summary>How methods compare, in sentences.</summary>
    public string Comparison { get; init; } = "";

    /// <summary>What a reader must know of the runs: prompts that are in the training data, dropped rows, models below chance.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Tables of the verdict: the methods, and with several seeds the stop rules.</summary>
    public IReadOnlyList<ReportTable> Verdicts { get; init; } = [];

    /// <summary>Accuracies, one for each eval stage.</summary>
    public IReadOnlyList<AccuracyReport> Accuracies { get; init; } = [];

    /// <summary>Best-of-n, one for each bon stage.</summary>
    public IReadOnlyList<BestOfNReport> BestOfN { get; init; } = [];

    /// <summary>Sensitivity to small changes, one for each sensitivity stage.</summary>
    public IReadOnlyList<SensitivityReport> Sensitivities { get; init; } = [];

    /// <summary>Merges, those of the first seed: experts of different seeds have nothing in common.</summary>
    public IReadOnlyList<MergeReport> Merges { get; init; } = [];

    /// <summary>Who is fooled by whose policy, the mean over seeds; or null.</summary>
    public TransferReport? Transfer { get; init; }
}

/// <summary>A colour and a stroke that belong to one method or reward in every figure.</summary>
/// <param name="Ink">The colour.</param>
/// <param name="Strong">Thick: the baseline.</param>
/// <param name="Dashed">A variant of another.</param>
public sealed record Look(Ink Ink, bool Strong = false, bool Dashed = false);

/// <summary>A policy trained against a proxy, once a seed.</summary>
/// <param name="Name">The ppo stage's name.</param>
/// <param name="Look">How it is drawn.</param>
/// <param name="Curves">A curve a seed; those of seeds that are not finished may be shorter.</param>
/// <param name="Samples">Answers of the first seed's policy.</param>
public sealed record MethodReport(string Name, Look Look, IReadOnlyList<ProxyGoldCurve> Curves, IReadOnlyList<SampleReport> Samples);

/// <summary>One prompt's answers in the course of a training.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Start">By the starting policy.</param>
/// <param name="Peak">Where gold was highest; null where nobody watched.</param>
/// <param name="End">At the last evaluation.</param>
public sealed record SampleReport(string Prompt, AnswerReport Start, AnswerReport? Peak, AnswerReport End);

/// <summary>An answer and its scores.</summary>
/// <param name="Text">The response.</param>
/// <param name="Step">Updates done by the policy that gave it.</param>
/// <param name="Proxy">The proxy's score, as it gives it.</param>
/// <param name="Gold">Gold's, or null.</param>
/// <param name="Ended">Whether it ended by itself.</param>
public sealed record AnswerReport(string Text, long Step, double Proxy, double? Gold, bool Ended);

/// <summary>A table with its heading.</summary>
/// <param name="Name">Its name as a file's.</param>
/// <param name="Title">The heading.</param>
/// <param name="Caption">How to read it.</param>
/// <param name="Table">The cells.</param>
public sealed record ReportTable(string Name, string Title, string Caption, ResultTable Table);

/// <summary>Accuracies of one eval stage.</summary>
/// <param name="Table">As a table.</param>
/// <param name="Sets">The data sets.</param>
/// <param name="Rows">A row a model, a number a data set.</param>
public sealed record AccuracyReport(ReportTable Table, IReadOnlyList<string> Sets, IReadOnlyList<IntervalRow> Rows);

/// <summary>One merge.</summary>
/// <param name="Name">The stage's name.</param>
/// <param name="Method">How the coefficients were found.</param>
/// <param name="Coefficients">For each layer the share of each routed expert.</param>
/// <param name="Usage">For each layer the mean gate of each routed expert on the calibration pairs, or null where it was not measured.</param>
/// <param name="Remark">How far learning moved them and what it did to the loss, or empty.</param>
public sealed record MergeReport(string Name, string Method, IReadOnlyList<IReadOnlyList<double>> Coefficients, IReadOnlyList<IReadOnlyList<double>>? Usage, string Remark);

/// <summary>The exploit-transfer matrix.</summary>
/// <param name="Policies">Rows.</param>
/// <param name="Rewards">Columns.</param>
/// <param name="Z">Mean z-scores.</param>
/// <param name="Seeds">Over how many seeds.</param>
public sealed record TransferReport(IReadOnlyList<string> Policies, IReadOnlyList<string> Rewards, IReadOnlyList<IReadOnlyList<double>> Z, int Seeds);

/// <summary>Best-of-n of one stage.</summary>
/// <param name="Table">As a table.</param>
/// <param name="Curves">Gold by divergence, a curve a reward.</param>
/// <param name="Answers">Who answered how many prompts how often.</param>
public sealed record BestOfNReport(ReportTable Table, IReadOnlyList<LineSeries> Curves, string Answers);

/// <summary>How far small changes move rewards, of one stage.</summary>
/// <param name="Table">Rewards as a table.</param>
/// <param name="Kinds">The kinds of changes.</param>
/// <param name="Rows">A row a reward, a number a kind of change.</param>
/// <param name="Spread">Groups of members as a table; null where none was measured.</param>
/// <param name="Groups">A row a group of members: how far they disagree.</param>
public sealed record SensitivityReport(ReportTable Table, IReadOnlyList<string> Kinds, IReadOnlyList<IntervalRow> Rows, ReportTable? Spread, IReadOnlyList<IntervalRow> Groups);

/// <summary>A setting of the method that sweeps change.</summary>
public enum MethodSetting
{
    /// <summary>The shared expert's weight.</summary>
    Alpha,

    /// <summary>How many routed experts a token visits.</summary>
    TopK,

    /// <summary>How experts are merged, or that they are not.</summary>
    Merge,
}

/// <summary>Gold by one setting: policies whose rewards differ in it alone.</summary>
/// <param name="Setting">The setting.</param>
/// <param name="Place">The place of a grid that changes something else than a setting of the method; else empty.</param>
/// <param name="Group">What the rewards have in common: <c>merged (learned), k = 6</c>.</param>
/// <param name="Look">How the group is drawn.</param>
/// <param name="Baseline">The policy that the others are compared with; null where there is none yet.</param>
/// <param name="Points">A point a value.</param>
public sealed record SettingReport(MethodSetting Setting, string Place, string Group, Look Look, BaselineReport? Baseline, IReadOnlyList<SettingPoint> Points);

/// <summary>Gold at one value of a setting.</summary>
/// <param name="Value">The value: <c>0.5</c>, <c>6</c>, <c>learned</c>.</param>
/// <param name="Number">The same as a number; NaN for one that is none.</param>
/// <param name="Peak">Gold at its peak.</param>
/// <param name="End">Gold at the end.</param>
/// <param name="Difference">Gold at the end minus the baseline's, paired by seed; null with one seed, and until the verdict is there.</param>
public sealed record SettingPoint(string Value, double Number, OverSeeds Peak, OverSeeds End, PairedDifferences? Difference = null);

/// <summary>Gold of the policy that the others are compared with.</summary>
/// <param name="Name">The ppo stage's name.</param>
/// <param name="Look">How it is drawn.</param>
/// <param name="Peak">Gold at its peak.</param>
/// <param name="End">Gold at the end.</param>
public sealed record BaselineReport(string Name, Look Look, OverSeeds Peak, OverSeeds End);
