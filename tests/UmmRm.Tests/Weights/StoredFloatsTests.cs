using System.Runtime.InteropServices;
using UmmRm.Weights;
using static TorchSharp.torch;

namespace UmmRm.Tests.Weights;

/// <summary>Against torch's own conversions.</summary>
public sealed class StoredFloatsTests
{
    [Theory]
    [InlineData("BF16")]
    [InlineData("F16")]
    public void Decode_EveryBitPattern_GivesTorchsNumber(string name)
    {
        using var scope = NewDisposeScope();
        var type = TensorType.Named(name)!;
        var stored = empty([65536], type.ToTorch()!.Value);
        MemoryMarshal.AsBytes<ushort>(Enumerable.Range(0, 65536).Select(bits => (ushort)bits).ToArray()).CopyTo(stored.bytes);
        var values = new float[65536];
        StoredFloats.Decode(type, stored.bytes, values);
        Assert.Equal(stored.to_type(ScalarType.Float32).data<float>().ToArray(), values); // Equal takes NaN for NaN
    }

    [Theory]
    [InlineData("BF16", 70_000)]
    [InlineData("BF16", 31)]
    [InlineData("F16", 70_000)]
    [InlineData("F32", 33)]
    public void Encode_RandomBitPatterns_RoundAsTorchDoes(string name, int count)
    {
        using var scope = NewDisposeScope();
        var type = TensorType.Named(name)!;
        var random = new Random(4);
        var bits = Enumerable.Range(0, count).Select(i => i % 3 == 0 ? (uint)random.NextInt64(1L << 32) : BitConverter.SingleToUInt32Bits((float)(random.NextDouble() * Math.Pow(10, random.Next(-8, 6))))).ToArray();
        uint[] special = [0, 0x80000000, 0x7f800000, 0xff800000, 0x7f7fffff, 0x7f808000, 0x3f808000, 0x3f818000, 0x3f808001, 1, 0x7fffffff]; // zeros, infinities, largest, NaN that would round away, ties
        special.CopyTo(bits, 0);
        var values = MemoryMarshal.Cast<uint, float>(bits).ToArray();
        var stored = new byte[count * type.Bits / 8];
        StoredFloats.Encode(type, values, stored);
        var ours = empty([count], type.ToTorch()!.Value);
        stored.CopyTo(ours.bytes);
        var theirs = tensor(values).to_type(type.ToTorch()!.Value);
        Assert.Equal(theirs.to_type(ScalarType.Float32).data<float>().ToArray(), ours.to_type(ScalarType.Float32).data<float>().ToArray());
        Assert.True(theirs.signbit().equal(ours.signbit()).logical_or(theirs.isnan()).all().item<bool>());
    }

    [Fact]
    public void Convert_BetweenTypes_GoesThroughFloat32()
    {
        using var scope = NewDisposeScope();
        var source = randn([9001], generator: new Generator(3)).to_type(ScalarType.Float16);
        var destination = new byte[9001 * 2];
        StoredFloats.Convert(TensorType.F16, source.bytes, TensorType.BF16, destination);
        Assert.True(source.to_type(ScalarType.Float32).to_type(ScalarType.BFloat16).bytes.SequenceEqual(destination));
    }
}
