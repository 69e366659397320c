using UmmRm.Data;
using UmmRm.Tests.Models;
using UmmRm.Training;

namespace UmmRm.Tests.Training;

public sealed class ResumeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(8)]
    public void RewardTrainer_StoppedAndRestored_ContinuesBitForBit(int stopAfter)
    {
        var folder = Directory.CreateTempSubdirectory("ummrm-resume-").FullName;
        try
        {
            var whole = GoldenModel.Reward("qwen2-tied");
            using var uninterrupted = new RewardTrainer(whole, Pairs(), Settings);
            var expected = uninterrupted.Run().Select(step => (step.Step, step.Loss)).ToList();

            using var first = new RewardTrainer(GoldenModel.Reward("qwen2-tied"), Pairs(), Settings);
            foreach (var step in first.Run())
            {
                if (step.Step == stopAfter)
                    break;
            }
            first.Save(folder);
            var resumed = GoldenModel.Reward("qwen2-tied");
            using var second = new RewardTrainer(resumed, Pairs(), Settings);
            second.Restore(folder);
            Assert.Equal(expected[stopAfter..], second.Run().Select(step => (step.Step, step.Loss)));
            foreach (var ((name, parameter), (_, other)) in whole.named_parameters().Zip(resumed.named_parameters()))
                TensorAssert.Equal(parameter.detach(), other.detach(), name);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static TrainingSettings Settings => new() { PadId = 0, BatchSize = 3, Epochs = 3, Seed = 4, Optimizer = new AdamWSettings { LearningRate = 1e-3, WeightDecay = 0.1 } };

    private static List<EncodedPair> Pairs()
    {
        var random = new UmmRm.Runtime.SeededRandom(3);
        int[] Text(int length) => [1, 7, 8, .. Enumerable.Range(0, length).Select(_ => 3 + random.NextInt(90)), 2];
        return [.. Enumerable.Range(0, 8).Select(i => new EncodedPair(Text(3 + i), Text(5), i))];
    }
}
