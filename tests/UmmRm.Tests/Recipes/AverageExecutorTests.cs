using UmmRm.Recipes;
using UmmRm.Weights;

namespace UmmRm.Tests.Recipes;

public sealed class AverageExecutorTests
{
    /// <summary>WeightAveraging's invariant through a whole run: equal models average to exactly themselves.</summary>
    [Fact]
    public void Average_OfAModelWithItself_IsTheModel()
    {
        using var folder = new TemporaryFolder();
        var model = Repository.Golden("models", "llama-gqa", "rm");
        var recipe = RecipeFile.OneStage("average", "model", [$"models=[{model}, {model}]", "weights=[1, 3]"]);
        new Pipeline(new StageExecutors().Add(new AverageExecutor())).Run(recipe, folder.Path, cancellation: TestContext.Current.CancellationToken);
        using var before = CheckpointTensors.Open(model);
        using var after = CheckpointTensors.Open(Path.Combine(folder.Path, "model"));
        Assert.Equal(before.Tensors.Select(t => t.Name).Order(), after.Tensors.Select(t => t.Name).Order());
        Assert.All(before.Tensors, tensor => Assert.Equal(Bytes(before, tensor), Bytes(after, tensor)));
    }

    private static byte[] Bytes(CheckpointTensors source, TensorInfo tensor)
    {
        var bytes = new byte[tensor.ByteLength];
        source.Read(tensor.Name, 0, bytes);
        return bytes;
    }
}
