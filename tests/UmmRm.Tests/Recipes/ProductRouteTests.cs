using UmmRm.Recipes;
using UmmRm.Runtime;

namespace UmmRm.Tests.Recipes;

public sealed class ProductRouteTests
{
    private static readonly MatmulSpeeds Gains = new(100, 200, 3e-7, 400);

    [Theory]
    [InlineData(64, "float32", MatmulRoute.Default)]
    [InlineData(256, "float32", MatmulRoute.OneDnn)]
    [InlineData(256, "mixed", MatmulRoute.Default)]
    public void Of_WidthAndPrecision_DecideTheRoute(int width, string precision, MatmulRoute route) => Assert.Equal(route, ProductRoute.Of(Recipe(width, precision), () => Gains));

    [Fact]
    public void Of_MachineThatGainsNothing_TakesTorchsOwn() => Assert.Equal(MatmulRoute.Default, ProductRoute.Of(Recipe(512, "float32"), () => new MatmulSpeeds(100, 105, 3e-7, 400)));

    [Fact]
    public void Of_NarrowModel_NeedsNoMeasurement() => ProductRoute.Of(Recipe(64, "float32"), () => throw new InvalidOperationException("measured"));

    private static Recipe Recipe(int width, string precision) => RecipeFile.Parse($$"""
        name: route
        stages:
          world: { kind: world }
          base: { kind: init, tokenizer: world, hidden_size: {{width}}, intermediate_size: 64, num_hidden_layers: 1, num_attention_heads: 1, max_position_embeddings: 64 }
          sft: { kind: sft, model: base, data: world:demonstrations, template: world, precision: {{precision}} }
        """, "route.yaml");
}
