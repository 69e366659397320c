using System.CommandLine;
using UmmRm.Recipes;
using UmmRm.Rewards;

namespace UmmRm.Cli;

/// <summary>The options by which a verb names what scores: one reward, or several with the rule that makes one score of theirs; and how it reads texts.</summary>
internal sealed class RewardOptions
{
    private readonly Option<string> _model = OptionOf.Text("--model", "DIR", "a reward model's folder or hub id (org/name[@revision]), an ensemble.json, or the built-in world's gold.json");
    private readonly Option<string[]> _models = OptionOf.Many("--models", "DIR ...", "an ensemble instead: two or more rewards that score as one");
    private readonly Option<string> _combine = OptionOf.Choice("--combine", "how an ensemble's scores become one: their mean, the worst case, or mean - lambda x variance", "mean", "wco", "uwo");
    private readonly Option<double?> _lambda = OptionOf.Number("--uwo-lambda", "L", "uwo: the price of the members' disagreement (default: 0.5)", 0, 1000);
    private readonly Option<string> _template = OptionOf.Text("--template", "NAME", "how prompt and response become one text: raw, alpaca, coste, hh, or a .json file (default: as the model's folder records, else raw)");
    private readonly Option<int?> _maxLength = OptionOf.Integer("--max-length", "N", "most tokens of a text (default: as the model's folder records, else its positions)", 2, int.MaxValue);

    /// <summary>All of them, in the order in which help shows them.</summary>
    public IReadOnlyList<Option> All => [_model, _models, _combine, _lambda, _template, _maxLength];

    /// <summary>What the options name, in words: a path, or the rule and the paths.</summary>
    public string Name(Invocation invocation) => invocation.Value(_model) ?? $"{invocation.Value(_combine)}({string.Join(", ", invocation.Value(_models)!)})";

    /// <summary>Loads what the options name, and warns where a model no longer gives the scores that its folder records.</summary>
    /// <exception cref="UsageException">The options contradict each other, or name nothing.</exception>
    public LoadedReward Open(Invocation invocation)
    {
        var members = invocation.Value(_models)!;
        Check(invocation, members);
        return invocation.Value(_model) is { } model ? Open(invocation, model) : new LoadedReward([.. members.Select(path => Member(invocation, path))], Rule(invocation));
    }

    /// <summary>Loads another reward, which reads texts by the same options.</summary>
    public LoadedReward Open(Invocation invocation, string path) => new([Member(invocation, path)], EnsembleCombination.Mean);

    private void Check(Invocation invocation, string[] members)
    {
        var single = invocation.Value(_model) is not null;
        if (single == members.Length > 0)
            throw new UsageException(single ? "--model and --models contradict each other: give one of them" : "--model is missing (or --models, for an ensemble)");
        if (members.Length == 1)
            throw new UsageException($"--models names {members[0]} alone; an ensemble has at least two members, and one model is --model {members[0]}");
        if (single && invocation.Value(_combine) != "mean")
            throw new UsageException("--combine says what becomes of several scores; name the members with --models");
        if (invocation.Value(_lambda) is not null && invocation.Value(_combine) != "uwo")
            throw new UsageException("--uwo-lambda belongs to --combine uwo");
    }

    private EnsembleCombination Rule(Invocation invocation) => invocation.Value(_combine) switch
    {
        "wco" => EnsembleCombination.WorstCase,
        "uwo" => EnsembleCombination.UncertaintyWeightedBy(invocation.Value(_lambda) ?? 0.5, degreesOfFreedomLost: 0),
        _ => EnsembleCombination.Mean,
    };

    private RewardMember Member(Invocation invocation, string path)
    {
        invocation.UseThreads();
        var name = path;
        path = invocation.Model(name);
        if (!Directory.Exists(path))
            return new RewardMember(RewardFunctions.Open(path, name, folder => folder.Encoder(invocation.Value(_template), invocation.Value(_maxLength))), []);
        var folder = ModelFolder.Open(path);
        var model = folder.LoadReward(name, folder.Encoder(invocation.Value(_template), invocation.Value(_maxLength)));
        invocation.Terminal.Detail($"{path}: template {model.Encoder.Template.Name}, at most {model.Encoder.MaxLength} tokens");
        if (folder.PadEndsTexts)
            invocation.Terminal.Warn($"{path}: pad_token_id {folder.PadId} ends texts too, so the reward is read at the last token before it, as transformers does; other servers read it at the end token: give the model a padding token of its own");
        if (RewardProbes.Changed(folder, model) is [var (probe, found), ..] changed)
            invocation.Terminal.Warn(FormattableString.Invariant($"{path}: {changed.Count} of {folder.Metadata!.Probes.Count} texts no longer score as reward.json records ({found:g6}, recorded {probe.Score:g6}): weights, tokenizer or config.json were changed after training"));
        return new RewardMember(model, folder.Config.Model.EosTokenIds);
    }
}
