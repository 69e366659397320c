using System.Globalization;
using UmmRm.Recipes;

namespace UmmRm.Diagnosis;

/// <summary>Prompts that a policy is to answer.</summary>
/// <param name="Stage">Who asks.</param>
/// <param name="Reading">The policy, or the model that it is made from, and the prompts.</param>
internal sealed record PromptCase(TextStage Stage, ReadingCase Reading)
{
    private const double Many = 0.05;

    public static IReadOnlyList<Check<PromptCase>> Checks { get; } = [new("prompt-length", Length, "name a template that fits the prompts (in a recipe: template)")];

    /// <summary>The longest response that a stage asks for; null for a stage that asks for none.</summary>
    public static int? LongestResponse(Stage stage) => stage switch
    {
        PpoStage ppo => ppo.MaxNewTokens,
        BonStage bon => bon.MaxNewTokens,
        PairsStage pairs => pairs.MaxNewTokens,
        _ => null,
    };

    /// <summary>Whether prompts leave room for the longest response, as <see cref="PolicyPrompts"/> asks of them.</summary>
    private static Verdict Length(PromptCase c)
    {
        var (encoder, longest) = (c.Reading.Encoder, LongestResponse(c.Stage)!.Value);
        var room = encoder.MaxLength - longest;
        var prompts = DataCase.Spread(c.Reading.Data!.Prompts, DataCase.MostSampled);
        var over = prompts.Count(prompt => encoder.EncodePrompt(prompt).Length > room);
        var detail = string.Create(CultureInfo.InvariantCulture, $"{over:N0} of {prompts.Count:N0} prompts ({(double)over / prompts.Count:P1}) leave no room in {encoder.MaxLength:N0} tokens for a response of {longest:N0} (max_new_tokens)");
        return over <= Many * prompts.Count ? Verdict.Ok(detail) : new Verdict(
            over == prompts.Count ? Severity.Error : Severity.Warning,
            $"{detail}: {(encoder.OverLength == UmmRm.Data.OverLength.Cut ? "they are shortened from the start" : "they are left out, and the policy is trained on the short ones")}",
            "lower max_new_tokens, raise max_length up to the model's positions, or set over_length: cut");
    }
}
