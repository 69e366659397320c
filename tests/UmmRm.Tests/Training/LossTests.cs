using System.Text.Json;
using UmmRm.Training;
using static TorchSharp.torch;

namespace UmmRm.Tests.Training;

public sealed class LossTests
{
    private static readonly JsonElement Facts = JsonDocument.Parse(File.ReadAllText(Repository.Golden("training", "bradley-terry.json"))).RootElement;

    [Theory]
    [InlineData("plain")]
    [InlineData("margin")]
    [InlineData("centering_0.01")]
    [InlineData("score_l2_1e-3")]
    [InlineData("label_smoothing_0.1")]
    [InlineData("soft_labels")]
    public void BradleyTerryLoss_EveryOption_GivesReferenceValueAndGradients(string name)
    {
        using var scope = NewDisposeScope();
        var chosen = Vector("chosen").requires_grad_();
        var rejected = Vector("rejected").requires_grad_();
        var loss = name switch
        {
            "centering_0.01" => new BradleyTerryLoss { Center = 0.01 },
            "score_l2_1e-3" => new BradleyTerryLoss { ScoreL2 = 1e-3 },
            "label_smoothing_0.1" => new BradleyTerryLoss { LabelSmoothing = 0.1 },
            _ => new BradleyTerryLoss(),
        };
        var value = loss.PerPair(chosen, rejected, name == "margin" ? Vector("margin") : null, name == "soft_labels" ? Vector("soft") : null).mean();
        value.backward();
        var expected = Facts.GetProperty("cases").GetProperty(name);
        Assert.Equal(expected.GetProperty("loss").GetDouble(), value.item<double>(), 1e-10);
        TensorAssert.Close(Vector(expected.GetProperty("grad_chosen")), chosen.grad!, 1e-10, "chosen");
        TensorAssert.Close(Vector(expected.GetProperty("grad_rejected")), rejected.grad!, 1e-10, "rejected");
    }

    [Fact]
    public void BradleyTerryLoss_ExtremeDifferences_StaysFinite()
    {
        using var scope = NewDisposeScope();
        var extreme = Facts.GetProperty("extreme");
        var difference = Vector(extreme.GetProperty("difference"));
        TensorAssert.Close(Vector(extreme.GetProperty("loss_each")), new BradleyTerryLoss().PerPair(difference, zeros_like(difference)), 1e-10);
    }

    [Fact]
    public void LearningRateSchedule_EveryShape_GivesTheReferenceFactors()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Repository.Golden("training", "schedules.json")));
        var compared = 0;
        foreach (var entry in json.RootElement.EnumerateObject().Where(e => e.Name.Contains(".warmup", StringComparison.Ordinal)))
        {
            var parts = entry.Name.Split('.');
            var floor = entry.Name.EndsWith("floor0.1", StringComparison.Ordinal) ? 0.1 : 0;
            var schedule = new LearningRateSchedule
            {
                Kind = parts[0] switch { "linear" => ScheduleKind.Linear, "constant" => ScheduleKind.Constant, _ => ScheduleKind.Cosine },
                WarmupSteps = long.Parse(parts[1]["warmup".Length..], System.Globalization.CultureInfo.InvariantCulture),
                TotalSteps = long.Parse(parts[2]["steps".Length..], System.Globalization.CultureInfo.InvariantCulture),
                FinalRatio = floor,
            };
            var step = 0;
            foreach (var factor in entry.Value.EnumerateArray())
                Assert.Equal(factor.GetDouble(), schedule.Factor(step++), 1e-12);
            compared += step;
        }
        Assert.True(compared > 100);
    }

    [Fact]
    public void LearningRateSchedule_WarmupOfRatio_IsRoundedUp()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Repository.Golden("training", "schedules.json")));
        foreach (var entry in json.RootElement.GetProperty("warmup_steps_of_ratio_0.03").EnumerateObject())
            Assert.Equal(entry.Value.GetInt64(), LearningRateSchedule.WarmupOfRatio(0.03, long.Parse(entry.Name, System.Globalization.CultureInfo.InvariantCulture)));
    }

    private static Tensor Vector(string key) => Vector(Facts.GetProperty(key));

    private static Tensor Vector(JsonElement values) => tensor(values.EnumerateArray().Select(v => v.GetDouble()).ToArray());
}
