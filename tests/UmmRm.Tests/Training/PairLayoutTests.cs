using UmmRm.Data;
using UmmRm.Models;
using UmmRm.Runtime;
using UmmRm.Tests.Models;
using UmmRm.Training;
using static TorchSharp.torch;

namespace UmmRm.Tests.Training;

/// <summary>A pair as one row computes what two rows compute: scores, loss, gradients and expected gates, dense and mixture.</summary>
public sealed class PairLayoutTests
{
    private static readonly EncodedPair[] Pairs =
    [
        new([1, 5, 6, 7, 8, 9, 2], [1, 5, 6, 7, 30, 31, 32, 33, 2]),
        new([1, 40, 41, 2], [1, 40, 41, 42, 43, 44, 2]),
        new([1, 50, 51, 52], [1, 50, 51, 52, 53]),               // one text continues the other: the prefix stops one short
        new([1, 60, 61, 62, 63, 64, 65, 66, 67, 2], [70, 71, 2]), // nothing shared
    ];

    public static TheoryData<string, bool> Cases
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var name in GoldenModel.Names)
                data.Add(name, false);
            data.Add("llama-gqa", true);
            data.Add("qwen2-untied", true);
            data.Add("neox-parallel", true);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void PairBatch_SharedPrefix_GivesTheScoresLossAndGradientsOfTwoRows(string name, bool mixture)
    {
        using var scope = NewDisposeScope();
        var (shared, separate) = (Model(name, mixture), Model(name, mixture));
        var (scores, loss) = Run(shared, PairBatch.Create(Pairs, padId: 0, device: ComputeDevice.Current));
        var (plainScores, plainLoss) = Run(separate, PairBatch.Create(Pairs, padId: 0, sharePrefix: false, device: ComputeDevice.Current));
        TensorAssert.Close(plainScores, scores, 1e-4, "scores");
        TensorAssert.Close(plainLoss, loss, 1e-5, "loss");
        foreach (var ((parameterName, plain), (_, own)) in separate.named_parameters().Zip(shared.named_parameters()))
            TensorAssert.RelativelyClose(plain.grad ?? zeros_like(plain), own.grad ?? zeros_like(own), 1e-4, parameterName);
    }

    [Fact]
    public void PairBatch_SharedPrefix_CountsItsTokensOnceAndWeighsThemTwice()
    {
        using var batch = PairBatch.Create(Pairs, padId: 0, device: ComputeDevice.Current);
        Assert.Equal(Pairs.Sum(p => p.RowLength), batch.Tokens);
        Assert.Equal(Pairs.Sum(p => p.Chosen.Length + p.Rejected.Length), (long)batch.Weights.sum().item<float>());
        Assert.Equal([4, 3, 3, 0], Pairs.Select(p => p.SharedPrefix));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(6)]
    public void ExpectedGates_SharedPrefix_EqualThoseOfTwoRows(int k)
    {
        using var scope = NewDisposeScope();
        using var file = new GoldenTensors("moe", "model-qwen2.safetensors");
        var model = GoldenModel.Mixture(file, "qwen2-untied", k, 0.5);
        var shared = GateCalibration.ExpectedGates(model, Pairs, padId: 0);
        var gates = new ExpectedGates(model.Decoder.Config);
        using var batch = PairBatch.Create(Pairs, padId: 0, sharePrefix: false, device: ComputeDevice.Current);
        gates.Weights = batch.Weights;
        model.Forward(new TokenInput(batch.Ids, batch.Positions), batch.Ends, gates);
        foreach (var (own, plain) in shared.Zip(gates.PerLayer()))
            Assert.All(own.Zip(plain), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
    }

    [Fact]
    public void RewardTrainer_AnyTokenBudgetAndLayout_MakesTheSameStep()
    {
        var losses = new List<double>();
        foreach (var (budget, share) in new[] { (1, true), (64, true), (4096, false), (4096, true) })
        {
            using var scope = NewDisposeScope();
            var settings = new TrainingSettings { PadId = 0, BatchSize = 4, TokenBudget = budget, Epochs = 3, Optimizer = new AdamWSettings { LearningRate = 1e-3 } };
            using var trainer = new RewardTrainer(Model("llama-gqa", true), Pairs, settings, new RewardSettings { SharePrefix = share, LoadBalance = 0 });
            losses.Add(trainer.Run().Last().Loss);
        }
        Assert.All(losses, loss => Assert.Equal(losses[0], loss, 1e-5));
    }

    private static RewardModel Model(string name, bool mixture)
    {
        if (!mixture)
            return GoldenModel.Reward(name);
        var family = name.Split('-')[0];
        using var file = new GoldenTensors("moe", $"model-{family}.safetensors");
        return GoldenModel.Mixture(file, name, 4, 0.5);
    }

    private static (Tensor Scores, Tensor Loss) Run(RewardModel model, PairBatch batch)
    {
        var scores = model.Forward(new TokenInput(batch.Ids, batch.Positions) { Gaps = batch.Gaps, Lengths = batch.Lengths }, batch.Ends).view(-1, 2);
        var loss = new BradleyTerryLoss().PerPair(scores.select(1, 0), scores.select(1, 1)).mean();
        loss.backward();
        return (scores.detach(), loss.detach());
    }
}
