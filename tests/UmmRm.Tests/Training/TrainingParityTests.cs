using System.Text.Json;
using UmmRm.Data;
using UmmRm.Tests.Models;
using UmmRm.Training;
using static TorchSharp.torch;

namespace UmmRm.Tests.Training;

/// <summary>Optimisation curves of torch and transformers, step by step (Golden/training): loss, gradient norm, learning rate, final weights.</summary>
public sealed class TrainingParityTests
{
    private const double Tolerance = 1e-4;

    public static TheoryData<string, bool> Rewards => new()
    {
        { "llama-gqa", true }, { "llama-gqa", false }, { "qwen2-tied", true }, { "qwen2-tied", false }, { "neox-parallel", true }, { "neox-parallel", false },
    };

    [Theory]
    [MemberData(nameof(Rewards))]
    public void RewardTrainer_TwentySteps_FollowsTheReferenceCurve(string name, bool sharePrefix)
    {
        using var scope = NewDisposeScope();
        using var facts = JsonDocument.Parse(File.ReadAllText(Repository.Golden("training", $"reward-{name}.json")));
        using var file = new GoldenTensors("training", $"reward-{name}.safetensors");
        var model = GoldenModel.Reward(name);
        // Step s of the reference reads batch s mod 5, in order: a data set of all 20 steps, laid out so that the plan's order gives them back.
        var perStep = 4;
        var ordered = Enumerable.Range(0, 20).SelectMany(step => Pairs(file, step % 5)).ToList();
        var settings = Settings(facts.RootElement, perStep);
        var pairs = new EncodedPair[ordered.Count];
        var place = 0;
        foreach (var index in settings.Steps(ordered.Count, 0).SelectMany(step => step))
            pairs[index] = ordered[place++];
        using var trainer = new RewardTrainer(model, pairs, settings, new RewardSettings { SharePrefix = sharePrefix });
        AssertCurve(facts.RootElement, [.. trainer.Run()]);
        AssertWeights(file, model);
    }

    [Fact]
    public void SftTrainer_TwentyStepsWithAccumulation_FollowsTheReferenceCurve()
    {
        using var scope = NewDisposeScope();
        using var facts = JsonDocument.Parse(File.ReadAllText(Repository.Golden("training", "sft-llama-gqa.json")));
        using var file = new GoldenTensors("training", "sft-llama-gqa.safetensors");
        var model = GoldenModel.LanguageModel("llama-gqa");
        var ordered = Enumerable.Range(0, 20).SelectMany(step => new[] { 2 * step % 6, (2 * step + 1) % 6 }).SelectMany(batch => Texts(file, batch)).ToList();
        var settings = Settings(facts.RootElement, 8) with { TokenBudget = 40 }; // a step of eight texts in several uneven portions
        var texts = new EncodedText[ordered.Count];
        var place = 0;
        foreach (var index in settings.Steps(ordered.Count, 0).SelectMany(step => step))
            texts[index] = ordered[place++];
        using var trainer = new SftTrainer(model, texts, settings);
        AssertCurve(facts.RootElement, [.. trainer.Run()]);
        AssertWeights(file, model);
    }

    private static TrainingSettings Settings(JsonElement facts, int batchSize) => new()
    {
        BatchSize = batchSize,
        TokenBudget = 64,
        PadId = 0,
        Schedule = Enum.Parse<ScheduleKind>(facts.GetProperty("schedule").GetString()!, ignoreCase: true),
        WarmupSteps = facts.GetProperty("warmup_steps").GetInt64(),
        Optimizer = new AdamWSettings
        {
            LearningRate = facts.GetProperty("lr").GetDouble(),
            Beta1 = facts.GetProperty("betas")[0].GetDouble(),
            Beta2 = facts.GetProperty("betas")[1].GetDouble(),
            Epsilon = facts.GetProperty("eps").GetDouble(),
            WeightDecay = double.Parse(facts.GetProperty("weight_decay").GetString()!.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture),
            Clip = facts.GetProperty("clip").GetDouble(),
        },
    };

    private static void AssertCurve(JsonElement facts, List<TrainingStep> steps)
    {
        Assert.Equal(20, steps.Count);
        foreach (var metric in (string[])["loss", "grad_norm", "learning_rate"])
        {
            foreach (var step in steps)
            {
                var expected = facts.GetProperty(metric)[(int)step.Step - 1].GetDouble();
                Assert.True(Math.Abs(expected - step.Metrics[metric]) <= Tolerance * Math.Max(1, Math.Abs(expected)), $"step {step.Step} {metric}: expected {expected}, found {step.Metrics[metric]}");
            }
        }
    }

    private static void AssertWeights(GoldenTensors file, nn.Module model)
    {
        foreach (var (name, parameter) in model.named_parameters())
        {
            var keep = name.EndsWith("query_key_value.bias", StringComparison.Ordinal) ? WithoutUnrotatedKeyBias() : ones(parameter.shape);
            TensorAssert.Close(file[$"final.{name}"] * keep, parameter.detach().cpu() * keep, Tolerance, name);
        }
    }

    /// <summary>
    /// A constant added to every key's unrotated components cancels in the softmax: the true gradient of that part of the bias is 0, and with
    /// epsilon 1e-12 Adam walks by the sign of rounding errors there. Heads of 8, the first 2 components rotated.
    /// </summary>
    private static Tensor WithoutUnrotatedKeyBias()
    {
        var keep = ones([4, 3, 8]);
        keep.select(1, 1).narrow(1, 2, 6).zero_();
        return keep.view(-1);
    }

    private static IEnumerable<EncodedPair> Pairs(GoldenTensors file, int batch)
    {
        var rows = Rows(file, batch);
        return Enumerable.Range(0, rows.Count / 2).Select(i => new EncodedPair(rows[2 * i], rows[2 * i + 1]));
    }

    private static IEnumerable<EncodedText> Texts(GoldenTensors file, int batch)
    {
        var rows = Rows(file, batch);
        var labels = file[$"batch.{batch}.labels"];
        return rows.Select((ids, row) => new EncodedText(ids, labels[row].data<long>().TakeWhile(label => label == -100).Count()));
    }

    private static List<int[]> Rows(GoldenTensors file, int batch)
    {
        var (ids, mask) = (file[$"batch.{batch}.input_ids"], file[$"batch.{batch}.attention_mask"]);
        return [.. Enumerable.Range(0, (int)ids.shape[0]).Select(row => ids[row].data<long>().Take((int)mask[row].sum().item<long>()).Select(id => (int)id).ToArray())];
    }
}
