using UmmRm.Runtime;
using UmmRm.Weights;

namespace UmmRm.Recipes;

/// <summary>Nothing can be said about a model.</summary>
internal sealed class UnknownModelException(string message) : Exception(message);

/// <summary>The models that a recipe's stages read and make, as far as their memory goes.</summary>
/// <param name="recipe">The recipe.</param>
/// <param name="located">Where a model outside the recipe lies.</param>
internal sealed class RecipeModels(Recipe recipe, Func<string, string> located)
{
    private const int WorldTokens = 137; // the built-in world's vocabulary
    private readonly Dictionary<string, ModelMemory> _made = [];

    /// <summary>A model that a stage reads.</summary>
    /// <exception cref="UnknownModelException">It lies outside the recipe, and there is no config.json.</exception>
    public ModelMemory Of(InputReference reference) => reference.IsStage ? Made(reference.Target) : FromFolder(located(reference.Target));

    /// <summary>The model that a stage makes.</summary>
    public ModelMemory Made(string stage) => _made.TryGetValue(stage, out var known) ? known : _made[stage] = Make(recipe[stage]);

    /// <summary>The models that a reward function runs here; none for a server or the built-in world's gold.</summary>
    public IReadOnlyList<ModelMemory> Members(InputReference reference) => reference.IsRemote ? [] : !reference.IsStage ? [.. RewardFunctions.ModelFolders(located(reference.Target)).Select(FromFolder)] : recipe[reference.Target] switch
    {
        WorldStage => [],
        EnsembleStage ensemble => [.. ensemble.Models.SelectMany(Members)],
        _ => [Made(reference.Target)],
    };

    private ModelMemory Make(Stage stage) => stage switch
    {
        InitStage init => new ModelMemory(init.ToModelConfig(init.VocabSize ?? Tokens(init)), RewardHead: false, init.Dtype == StorageType.BFloat16 ? 2 : 4),
        SftStage sft => Trained(Of(sft.Model), sft.Precision),
        PpoStage ppo => Trained(Of(ppo.Model), ppo.Precision),
        RewardStage reward => Trained(Of(reward.Model) with { RewardHead = true }, reward.Precision),
        UpcycleStage upcycle => Upcycled(Of(upcycle.Model), upcycle),
        MergeStage merge => Of(merge.Model) with { Config = Of(merge.Model).Config with { Moe = null } },
        AverageStage average => Of(average.Models[0]),
        _ => throw new UnknownModelException($"stage {stage.Name} makes no model"),
    };

    private static ModelMemory Trained(ModelMemory start, Precision precision) => start with { StoredBytes = precision == Precision.BFloat16 ? 2 : 4 };

    private static ModelMemory Upcycled(ModelMemory dense, UpcycleStage upcycle) => dense with { RewardHead = true, Config = dense.Config with { Moe = upcycle.Moe.ToMoeConfig() } };

    private int Tokens(InitStage init) => !init.Tokenizer.IsStage
        ? throw new UnknownModelException($"stages.{init.Name} has no vocab_size, and its tokenizer lies outside the recipe")
        : recipe[init.Tokenizer.Target] switch
        {
            TokenizerStage tokenizer => tokenizer.VocabSize,
            WorldStage => WorldTokens,
            _ => Made(init.Tokenizer.Target).Config.VocabSize,
        };

    private static ModelMemory FromFolder(string folder)
    {
        if (!File.Exists(Path.Combine(folder, "config.json")))
            throw new UnknownModelException($"there is no {Path.Combine(folder, "config.json")}");
        var config = HuggingFaceConfig.Read(folder);
        return new ModelMemory(config.Model, config.IsRewardModel, config.StoredType == TensorType.F32 ? 4 : 2);
    }
}
