using UmmRm.Data;
using UmmRm.Recipes;

namespace UmmRm.Diagnosis;

/// <summary>A stage of a recipe, and the model outside the recipe that it goes back to.</summary>
/// <param name="Recipe">The recipe.</param>
/// <param name="Stage">The stage.</param>
/// <param name="Root">The model that its own was made from, where that one lies here; null otherwise.</param>
internal sealed record StageCase(RecipeCase Recipe, Stage Stage, ModelCase? Root);

/// <summary>Whether a stage can begin, and will end with what was meant.</summary>
internal static class StageChecks
{
    public static IReadOnlyList<Check<StageCase>> All { get; } =
    [
        new("inputs", Inputs),
        new("pad-token", PadToken, "name a token that the tokenizer has and that texts never contain"),
        new("max-length", MaxLength),
    ];

    private static Verdict? Inputs(StageCase c)
    {
        if (Pipeline.Missing(c.Stage).ToList() is { Count: > 0 } missing)
        {
            return Verdict.Error(
                $"it reads {string.Join(" and ", missing.Select(input => input.ToString()))}, and there is no such file or folder",
                $"relative paths are taken from the current directory, {Directory.GetCurrentDirectory()}; a hub id is org/name");
        }
        var rows = StageSettings.Rows(c.Stage).ToHashSet();
        var fetched = UmmRm.Recipes.Recipe.InputsOf(c.Stage).Where(input => !input.IsStage && !input.IsRemote && (rows.Contains(input) ? HubData.IsFetched(StageContext.OutsideSource(input)) : OutsideInputs.IsFetchedModel(input.Target))).ToList();
        return fetched.Count == 0 ? null : Verdict.Ok($"{string.Join(" and ", fetched.Select(input => input.ToString()))} will be fetched from the hub when the recipe runs; not looked at here");
    }

    /// <summary>The padding token as training will write it: refused there after hours of fine-tuning, and here at once.</summary>
    private static Verdict? PadToken(StageCase c)
    {
        if (c.Stage is not (RewardStage or UpcycleStage) || c.Root is not { } root)
            return null;
        var named = c.Recipe.PadToken(c.Stage);
        var pad = SpecialTokens.Named(named, root.Tokenizer);
        try
        {
            root.Config.WithPadToken(pad).RequirePadToken();
        }
        catch (ArgumentException e)
        {
            return Verdict.Error(
                $"{e.Message.Split("; ")[0]}. The reward is read at the last token that is not padding: without a padding token of its own, or with one that ends texts too, programs read it at different tokens",
                ModelChecks.PaddingCandidate(root) is { } candidate ? $"pad_token: '{candidate}' in this stage, or in the stage that its model comes from" : "pad_token: a token that texts never contain, in this stage or in the one that its model comes from");
        }
        return named is null ? null : Verdict.Ok($"padding will be {ModelChecks.Spelled(root.Tokenizer, pad!.Value)}");
    }

    private static Verdict? MaxLength(StageCase c) =>
        c.Stage is not TextStage { MaxLength: { } asked } || c.Root is not { } root || asked <= root.Config.Model.MaxPositions ? null : Verdict.Warning(
            $"max_length is {asked}, and the model has {root.Config.Model.MaxPositions} positions: longer texts are dropped at {root.Config.Model.MaxPositions} tokens, not at {asked}",
            $"max_length: {root.Config.Model.MaxPositions}, or a model with more positions");
}
