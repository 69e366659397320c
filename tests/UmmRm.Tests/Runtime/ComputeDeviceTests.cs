using UmmRm.Models;
using UmmRm.Runtime;
using UmmRm.Tests.Models;

namespace UmmRm.Tests.Runtime;

public sealed class ComputeDeviceTests
{
    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:x")]
    [InlineData("CPU")]
    public void Use_AnotherName_IsRefusedWithTheNamesThatThereAre(string name)
    {
        var error = Assert.Throws<ArgumentException>(() => ComputeDevice.Use(name));
        Assert.Contains($"'{name}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("auto, cpu, cuda or cuda:N", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Current_Unasked_IsWhereNewModelsAre()
    {
        using var model = new RewardModel(GoldenModel.Reward("llama-gqa").Decoder.Config);
        Assert.All(model.parameters(), parameter => Assert.Equal(ComputeDevice.Current.type, parameter.device_type));
    }
}
