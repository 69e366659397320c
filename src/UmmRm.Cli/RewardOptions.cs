using System.CommandLine;
using UmmRm.Recipes;
using UmmRm.Rewards;
using UmmRm.Tokenization;

namespace UmmRm.Cli;

/// <summary>The options by which a verb names what scores: one reward, or several with the rule that makes one score of theirs; and how it reads texts.</summary>
internal sealed class RewardOptions
{
    private readonly Option<string> _model = OptionOf.Text("--model", "DIR", "a reward model's folder or hub id (org/name[@revision]), an ensemble.json, the built-in world's gold.json, or the http:// address of a reward server");
    private readonly EnsembleOptions _ensemble = new(lambda: 0.5, unbiasedVariance: false);
    private readonly Option<string> _template = OptionOf.Text("--template", "NAME", "how prompt and response become one text: raw, alpaca, coste, hh, chat (the model's own chat template), or a .jinja or .json file (default: as the model's folder records, else its chat template, else raw)");
    private readonly Option<int?> _maxLength = OptionOf.Integer("--max-length", "N", "most tokens of a text (default: as the model's folder records, else its positions)", 2, int.MaxValue);

    /// <summary>All of them, in the order in which help shows them.</summary>
    public IReadOnlyList<Option> All => [_model, .. _ensemble.All, _template, _maxLength];

    /// <summary>All but --model, for a verb that takes several of those.</summary>
    public IReadOnlyList<Option> AllButModel => [.. _ensemble.All, _template, _maxLength];

    /// <summary>What the options name, in words: a path, or the rule and the paths.</summary>
    public string Name(Invocation invocation) => invocation.Value(_model) ?? _ensemble.Name(invocation);

    /// <summary>Loads what the options name, and warns where a model no longer gives the scores that its folder records.</summary>
    /// <exception cref="UsageException">The options contradict each other, or name nothing.</exception>
    public LoadedReward Open(Invocation invocation)
    {
        var members = _ensemble.Members(invocation);
        var model = invocation.Value(_model);
        if (model is null == (members.Length == 0))
            throw new UsageException(model is null ? "--model is missing (or --models, for an ensemble)" : "--model and --models contradict each other: give one of them");
        return model is not null ? Open(invocation, model) : new LoadedReward([.. members.Select(path => Member(invocation, path))], _ensemble.Rule(invocation));
    }

    /// <summary>Loads another reward, which reads texts by the same options.</summary>
    public LoadedReward Open(Invocation invocation, string path) => new([Member(invocation, path)], EnsembleCombination.Mean);

    /// <summary>One reward of its own, named by a path, which reads texts by the same options.</summary>
    /// <param name="invocation">The options' values.</param>
    /// <param name="path">A model's folder or another reward's file.</param>
    /// <param name="tokenBudget">Most tokens of one forward pass.</param>
    public IRewardFunction OpenOne(Invocation invocation, string path, int tokenBudget) => Member(invocation, path, tokenBudget).Reward;

    /// <summary>The ensemble that --models names, or null when it was not given.</summary>
    /// <exception cref="UsageException">The options contradict each other.</exception>
    public EnsembleReward? OpenEnsemble(Invocation invocation, int tokenBudget)
    {
        var members = _ensemble.Members(invocation);
        return members.Length == 0 ? null : new EnsembleReward([.. members.Select(path => OpenOne(invocation, path, tokenBudget))], _ensemble.Rule(invocation));
    }

    private RewardMember Member(Invocation invocation, string path, int tokenBudget = 8192)
    {
        invocation.UseThreads();
        var name = path;
        path = invocation.Model(name);
        if (!Directory.Exists(path))
            return new RewardMember(RewardFunctions.Open(path, name, folder => folder.Encoder(invocation.Value(_template), invocation.Value(_maxLength)), tokenBudget: tokenBudget), []);
        var folder = ModelFolder.Open(path);
        var model = folder.LoadReward(name, folder.Encoder(invocation.Value(_template), invocation.Value(_maxLength)), tokenBudget: tokenBudget);
        invocation.Terminal.Detail($"{path}: template {model.Encoder.Template.Name}, at most {model.Encoder.MaxLength} tokens");
        if (folder.PadEndsTexts)
            invocation.Terminal.Warn($"{path}: pad_token_id {folder.PadId} ends texts too, so the reward is read at the last token before it, as transformers does; other servers read it at the end token: give the model a padding token of its own");
        if (RewardProbes.Changed(folder, model) is [var (probe, found), ..] changed)
            invocation.Terminal.Warn(FormattableString.Invariant($"{path}: {changed.Count} of {folder.Metadata!.Probes.Count} texts no longer score as reward.json records ({found:g6}, recorded {probe.Score:g6}): weights, tokenizer or config.json were changed after training"));
        return new RewardMember(model, folder.EndIds(model.Encoder), model.Encoder.Template.EndingOf(Conversation.FromPrompt("Hi")));
    }
}
