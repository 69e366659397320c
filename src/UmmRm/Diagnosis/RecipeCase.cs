using UmmRm.Recipes;
using UmmRm.Runtime;
using UmmRm.Tokenization;

namespace UmmRm.Diagnosis;

/// <summary>What rows are for.</summary>
internal enum RowUse
{
    /// <summary>A model learns from them.</summary>
    Trained,

    /// <summary>A result is measured on them.</summary>
    Measured,

    /// <summary>Neither: they are made into other rows.</summary>
    Other,
}

/// <summary>A recipe, and what of its inputs lies here already.</summary>
/// <param name="Recipe">The recipe.</param>
/// <param name="Speeds">How this machine multiplies; asked for where a stage's precision matters.</param>
/// <param name="Memory">Bytes that there are.</param>
/// <param name="Outside">Fetches rows that lie on the hub; null looks only at what is here.</param>
internal sealed record RecipeCase(Recipe Recipe, Func<MatmulSpeeds> Speeds, long Memory, OutsideInputs? Outside = null)
{
    /// <summary>Where a model outside the recipe lies; null for a hub id, which is fetched when the recipe runs, and for what is not there.</summary>
    public static string? Here(InputReference model) => !model.IsStage && !model.IsRemote && !model.IsWord && Directory.Exists(model.Target) ? model.Target : null;

    /// <summary>The model outside the recipe that a stage's model was made from, through any number of stages; null where it was made from nothing or lies elsewhere.</summary>
    public string? Root(InputReference model) => model.IsStage ? ModelOf(Recipe[model.Target]) is { } earlier ? Root(earlier) : null : Here(model);

    /// <summary>The padding token that a stage writes: its own, or the nearest one that a stage before it named.</summary>
    public string? PadToken(Stage stage) => Own(stage) ?? (ModelOf(stage) is { IsStage: true } earlier ? PadToken(Recipe[earlier.Target]) : null);

    /// <summary>The template by which a stage reads texts, where the recipe says one: its own, or the one that the model before it was trained with and records.</summary>
    public InputReference? Template(TextStage stage) => stage.Template ?? (ModelOf(stage) is { IsStage: true } model ? Recorded(Recipe[model.Target]) : null);

    /// <summary>The model that a stage starts from or, where it looks at several, the first of them.</summary>
    public static InputReference? ModelOf(Stage stage) => stage switch
    {
        SftStage sft => sft.Model,
        RewardStage reward => reward.Model,
        UpcycleStage upcycle => upcycle.Model,
        MergeStage merge => merge.Model,
        AverageStage average => average.Models[0],
        PpoStage ppo => ppo.Model,
        PairsStage pairs => pairs.Model,
        BonStage bon => bon.Model,
        EvalStage eval => eval.Models[0],
        _ => null,
    };

    /// <summary>The rows that a stage reads: what they are read as, and whether they are trained on or measured on.</summary>
    public static IEnumerable<(DataInput Data, RowKind Kind, RowUse Use)> RowsOf(Stage stage) => stage switch
    {
        SftStage sft => [(sft.Data, RowKind.Instructions, RowUse.Trained)],
        RewardStage reward => [(reward.Data, RowKind.Pairs, RowUse.Trained)],
        MergeStage { Data: { } data } => [(data, RowKind.Pairs, RowUse.Trained)],
        LabelStage label => [(label.Data, RowKind.Pairs, RowUse.Other)],
        PairsStage pairs => [(pairs.Prompts, RowKind.Prompts, RowUse.Other)],
        PpoStage ppo => [(ppo.Prompts, RowKind.Prompts, RowUse.Trained), (ppo.EvalPrompts, RowKind.Prompts, RowUse.Measured)],
        BonStage bon => [(bon.Prompts, RowKind.Prompts, RowUse.Measured)],
        EvalStage eval => eval.Data.Values.Select(data => (data, RowKind.Pairs, RowUse.Measured)),
        _ => [],
    };

    /// <summary>A reward model records its template, a language model a chat template alone; merges and averages keep what they are made from.</summary>
    private InputReference? Recorded(Stage stage) => stage switch
    {
        RewardStage reward => Template(reward),
        SftStage sft => Template(sft) is { } chat && (chat.ToString() == ChatPromptTemplate.OwnName || Path.GetExtension(chat.Target) == ".jinja") ? chat : null,
        MergeStage or AverageStage or UpcycleStage => ModelOf(stage) is { IsStage: true } from ? Recorded(Recipe[from.Target]) : null,
        _ => null,
    };

    private static string? Own(Stage stage) => stage switch
    {
        TrainingStage training => training.PadToken,
        UpcycleStage upcycle => upcycle.PadToken,
        _ => null,
    };
}
