using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using FsCheck.Xunit;
using UmmRm.Weights;
using static TorchSharp.torch;

namespace UmmRm.Tests.Weights;

public sealed class SafetensorsTests
{
    public static TheoryData<string, bool> Fixtures
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var (name, entry) in Index())
                data.Add(name, entry.GetProperty("expected").GetString() == "load");
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Read_EveryFixture_BehavesAsTheIndexSays(string name, bool loads)
    {
        var path = Repository.Golden("safetensors", name);
        if (loads)
        {
            using var scope = NewDisposeScope();
            Assert.All(Safetensors.Read(path), pair => Assert.False(pair.Value.IsInvalid));
        }
        else
        {
            var error = Assert.Throws<InvalidDataException>(() => Safetensors.Read(path));
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Read_EveryTypeThatMatters_GivesTheReferenceValues()
    {
        using var scope = NewDisposeScope();
        using var file = SafetensorsFile.Open(Repository.Golden("safetensors", "good-dtypes.safetensors"));
        var expected = Index().First(pair => pair.Name == "good-dtypes.safetensors").Entry.GetProperty("values_as_float64");
        var names = expected.EnumerateObject().Select(property => property.Name).ToList();
        Assert.Equal(names.Order(), file.Tensors.Select(info => info.Name).Order());
        foreach (var name in names)
        {
            var values = expected.GetProperty(name).EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(value => value.GetDouble()).ToArray();
            Assert.Equal(name, file.ReadTensor(name).dtype switch { ScalarType.Byte => "uint8", var type => type.ToString().ToLowerInvariant() });
            Assert.Equal(values, file.ReadTensor(name, ScalarType.Float64).data<double>().ToArray());
        }
    }

    [Fact]
    public void Read_SmallestFile_GivesItsTwoNumbers()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([1.5f, -2f], Safetensors.Read(Repository.Golden("safetensors", "good.safetensors"))["a"].data<float>().ToArray());
    }

    [Fact]
    public void Read_HeaderInAnotherOrderThanData_FollowsTheOffsets()
    {
        using var scope = NewDisposeScope();
        var tensors = Safetensors.Read(Repository.Golden("safetensors", "good-unordered.safetensors"));
        Assert.Equal([1.5f], tensors["a"].data<float>().ToArray());
        Assert.Equal([-2f], tensors["b"].data<float>().ToArray());
    }

    [Fact]
    public void Read_NameWithEscapes_IsDecoded()
    {
        using var file = SafetensorsFile.Open(Repository.Golden("safetensors", "good-escaped-name.safetensors"));
        Assert.NotNull(file.Find("a\"b\\c\0d😀"));
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}x""", "after the closing brace|valid JSON")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "twice")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "valid JSON")]
    [InlineData("""{"__metadata__":{},"__metadata__":{},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}""", "data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775807,4,0],"data_offsets":[0,0]}}""", "counted")]
    [InlineData("""{"a":{"dtype":"F4","shape":[17],"data_offsets":[0,8]}}""", "F4 [17]")]
    [InlineData("""{"a":null}""", "tensor 'a' must be a JSON object")]
    public void Open_HostileHeader_IsRefused(string header, string complaint)
    {
        using var folder = new TemporaryFolder();
        WriteRaw(folder["x.safetensors"], header, new byte[8]);
        var error = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(folder["x.safetensors"]).Dispose());
        Assert.Contains(complaint.Split('|'), part => error.Message.Contains(part, StringComparison.Ordinal));
    }

    [Property(MaxTest = 500)]
    public bool Open_AnyByteChanged_OpensOrIsRefusedButNeverCrashes(ushort position, byte value)
    {
        var bytes = File.ReadAllBytes(Repository.Golden("safetensors", "good-dtypes.safetensors"));
        bytes[position % bytes.Length] = value;
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x.safetensors"], bytes);
        try
        {
            using var file = SafetensorsFile.Open(folder["x.safetensors"]);
            return file.Tensors.Sum(info => info.ByteLength) <= bytes.Length;
        }
        catch (InvalidDataException)
        {
            return true;
        }
    }

    [Fact]
    public void Read_TypeThatTorchLacks_IsListedButRefused()
    {
        using var folder = new TemporaryFolder();
        WriteRaw(folder["x.safetensors"], """{"a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}""", new byte[8]);
        using var file = SafetensorsFile.Open(folder["x.safetensors"]);
        Assert.Equal("F8_E4M3 [8]", file.Find("a")!.Form);
        Assert.Contains("F8_E4M3", Assert.Throws<InvalidDataException>(() => file.ReadTensor("a")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_MissingTensorOrOtherShape_NamesIt()
    {
        using var scope = NewDisposeScope();
        using var file = SafetensorsFile.Open(Repository.Golden("safetensors", "good.safetensors"));
        Assert.Contains("'b'", Assert.Throws<InvalidDataException>(() => file.ReadTensor("b")).Message, StringComparison.Ordinal);
        Assert.Contains("[2]; expected [1, 2]", Assert.Throws<InvalidDataException>(() => file.ReadInto("a", zeros(1, 2))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => file.ReadInto("a", zeros(2, 2).select(1, 0)));
    }

    [Theory]
    [InlineData("safetensors/good-dtypes.safetensors")]
    [InlineData("models/llama-gqa/lm/model.safetensors")]
    [InlineData("models/neox-parallel/rm-bfloat16/model.safetensors")]
    [InlineData("models/qwen2-tied/rm-float16/model.safetensors")]
    public void Write_WhatTheReferenceWrote_GivesTheSameBytes(string relative)
    {
        using var folder = new TemporaryFolder();
        var original = Repository.Golden(relative.Split('/'));
        using (var file = SafetensorsFile.Open(original))
            Safetensors.Write(folder["copy.safetensors"], file);
        Assert.Equal(File.ReadAllBytes(original), File.ReadAllBytes(folder["copy.safetensors"]));
        Assert.Equal(["copy.safetensors"], folder.Entries);
    }

    [Fact]
    public void Write_TensorsInMemory_ComeBackEqual()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var tensors = new Dictionary<string, Tensor> { ["scalar"] = tensor(2.5f), ["empty"] = zeros(0, 3), ["transposed"] = arange(6).reshape(2, 3).t(), ["large"] = rand(1300, 1024, dtype: ScalarType.Float64) };
        Safetensors.Write(folder["x.safetensors"], tensors);
        var read = Safetensors.Read(folder["x.safetensors"]);
        Assert.Equal(tensors.Keys.Order(), read.Keys.Order());
        Assert.All(tensors, pair => Assert.True(pair.Value.equal(read[pair.Key]).all().item<bool>() && pair.Value.shape.SequenceEqual(read[pair.Key].shape)));
    }

    [Fact]
    public void ReadInto_TensorLargerThanABlock_ConvertsEveryElement()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var values = arange(3_000_000, ScalarType.Int32).remainder(257).to(ScalarType.BFloat16); // 8 bits of significand hold 0 .. 256 exactly
        Safetensors.Write(folder["x.safetensors"], new Dictionary<string, Tensor> { ["a"] = values });
        using var file = SafetensorsFile.Open(folder["x.safetensors"]);
        var expected = Enumerable.Range(0, 3_000_000).Select(i => (float)(i % 257));
        Assert.True(file.ReadTensor("a", ScalarType.Float32).data<float>().ToArray().AsSpan().SequenceEqual(expected.ToArray()));
    }

    [Fact]
    public void Write_SourceThatFailsHalfway_LeavesTheOldFileAndNothingElse()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["x.safetensors"], "old");
        var source = new ComputedTensors();
        source.Add(new TensorInfo("a", TensorType.F32, [3_000_000]), (offset, _) => { if (offset > 0) throw new InvalidDataException("cut"); });
        Assert.Throws<InvalidDataException>(() => Safetensors.Write(folder["x.safetensors"], source));
        Assert.Equal("old", File.ReadAllText(folder["x.safetensors"]));
        Assert.Equal(["x.safetensors"], folder.Entries);
    }

    [Fact]
    public void Write_MoreThanTheDiskHolds_FailsAtOnceAndLeavesNothing()
    {
        using var folder = new TemporaryFolder();
        var source = new ComputedTensors();
        source.Add(new TensorInfo("a", TensorType.F32, [1L << 45]), (_, destination) => destination.Clear());
        Assert.Throws<IOException>(() => Safetensors.Write(folder["x.safetensors"], source));
        Assert.Empty(folder.Entries);
    }

    [Fact]
    public void Add_NameTwice_IsRefused()
    {
        var source = new ComputedTensors();
        source.AddValues(new TensorInfo("a", TensorType.F32, [1]), [1]);
        Assert.Throws<ArgumentException>(() => source.AddValues(new TensorInfo("a", TensorType.F32, [1]), [1]));
    }

    private static void WriteRaw(string path, string header, byte[] data)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        File.WriteAllBytes(path, [.. length, .. json, .. data]);
    }

    private static List<(string Name, JsonElement Entry)> Index()
    {
        using var index = JsonDocument.Parse(File.ReadAllText(Repository.Golden("safetensors", "index.json")));
        return [.. index.RootElement.EnumerateObject().Select(property => (property.Name, property.Value.Clone()))];
    }
}
