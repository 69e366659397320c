using UmmRm.Runtime;

namespace UmmRm.Recipes;

/// <summary>
/// The route that a recipe's float32 products take. oneDNN is the faster one where a machine's measurement says so and the model is wide enough; it prepares each new shape anew, and with batches of ever new lengths that
/// costs a narrow model more than its products do (d 64: 0.5 to 0.7 x the rate of torch's own choice, d 128: 1.3 x, d 256: 1.7 x, on an EPYC whose large products gain 2.0 x).
/// </summary>
public static class ProductRoute
{
    /// <summary>The least hidden size for oneDNN.</summary>
    private const int LeastWidth = 256;

    /// <summary>The route for a recipe: torch's own unless something trains in float32, nothing that does is narrow, and the machine gains by oneDNN.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="speeds">Measures the machine; asked only where it matters.</param>
    public static MatmulRoute Of(Recipe recipe, Func<MatmulSpeeds> speeds)
    {
        var models = new RecipeModels(recipe, name => name);
        var trained = recipe.Stages.OfType<OptimizedStage>().Where(stage => stage.Precision == Precision.Float32).ToList();
        return trained.Count > 0 && trained.All(stage => IsWide(stage, models)) ? speeds().Best : MatmulRoute.Default;
    }

    private static bool IsWide(OptimizedStage stage, RecipeModels models)
    {
        try
        {
            return models.Made(stage.Name).Config.HiddenSize >= LeastWidth;
        }
        catch (UnknownModelException)
        {
            return true; // other people's models are
        }
    }
}
