using UmmRm.Data;
using UmmRm.Models;
using UmmRm.Runtime;
using UmmRm.Tests.Models;
using UmmRm.Training;
using static TorchSharp.torch;

namespace UmmRm.Tests.Training;

/// <summary>Noise on routing logits: there while training, drawn by seed and step, and gone when a model is asked for scores.</summary>
public sealed class RouterNoiseTests
{
    private static readonly EncodedPair[] Pairs = [new([1, 5, 6, 7, 8, 2], [1, 5, 6, 30, 31, 2], 0), new([1, 40, 41, 2], [1, 42, 43, 44, 2], 1)];

    [Fact]
    public void AddTo_ManyDraws_HasTheGivenDeviationAndNoBias()
    {
        using var scope = NewDisposeScope();
        var noise = new RouterNoise(0.5, seed: 3);
        noise.Begin("a pass");
        var drawn = noise.AddTo(zeros(4000, 7));
        Assert.Equal(0, drawn.mean().item<float>(), 0.01);   // 28,000 draws: the standard error is 0.003
        Assert.Equal(0.5, drawn.std().item<float>(), 0.01);
    }

    [Fact]
    public void RewardTrainer_RouterNoise_ChangesTrainingTheSameWayForTheSameSeed()
    {
        using var scope = NewDisposeScope();
        var (plain, first, second, other) = (Trained(0, 1), Trained(2, 1), Trained(2, 1), Trained(2, 2));
        Assert.Equal(first, second);
        Assert.NotEqual(plain, first);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public void RewardTrainer_BetweenUpdates_ModelScoresWithoutNoise()
    {
        using var scope = NewDisposeScope();
        var model = Mixture();
        var before = Scores(model);
        using var trainer = new RewardTrainer(model, Pairs, Settings(1) with { Optimizer = new AdamWSettings { LearningRate = 1e-12 } }, new RewardSettings { RouterNoise = 5 });
        foreach (var _ in trainer.Run())
            TensorAssert.Close(before, Scores(model), 1e-5, "scores between updates");
    }

    [Fact]
    public void RewardTrainer_StoppedAndRestored_DrawsTheNoiseOfTheStepsThatAreLeft()
    {
        var folder = Directory.CreateTempSubdirectory("ummrm-noise-").FullName;
        try
        {
            using var scope = NewDisposeScope();
            var expected = Trained(2, 1);
            using var first = new RewardTrainer(Mixture(), Pairs, Settings(1), new RewardSettings { RouterNoise = 2 });
            Assert.Equal(expected[..3], first.Run().Take(3).Select(step => step.Loss));
            first.Save(folder);
            using var rest = new RewardTrainer(Mixture(), Pairs, Settings(1), new RewardSettings { RouterNoise = 2 });
            rest.Restore(folder);
            Assert.Equal(expected[3..], rest.Run().Select(step => step.Loss));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double[] Trained(double noise, long seed)
    {
        using var trainer = new RewardTrainer(Mixture(), Pairs, Settings(seed), new RewardSettings { RouterNoise = noise });
        return [.. trainer.Run().Select(step => step.Loss)];
    }

    /// <summary>One batch an epoch, and the order within it does not matter: what differs by seed is the noise.</summary>
    private static TrainingSettings Settings(long seed) => new() { PadId = 0, BatchSize = 2, Epochs = 5, Seed = seed, Optimizer = new AdamWSettings { LearningRate = 1e-3 } };

    private static RewardModel Mixture()
    {
        using var file = new GoldenTensors("moe", "model-llama.safetensors");
        return GoldenModel.Mixture(file, "llama-gqa", 2, 0.5);
    }

    private static Tensor Scores(RewardModel model)
    {
        using var noGradients = no_grad();
        using var batch = PairBatch.Create(Pairs, padId: 0, device: ComputeDevice.Current);
        return model.Forward(new TokenInput(batch.Ids, batch.Positions) { Gaps = batch.Gaps, Lengths = batch.Lengths }, batch.Ends).detach();
    }
}
