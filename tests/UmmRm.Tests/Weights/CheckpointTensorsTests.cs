using System.Text.Json.Nodes;
using UmmRm.Weights;
using static TorchSharp.torch;

namespace UmmRm.Tests.Weights;

public sealed class CheckpointTensorsTests
{
    [Theory]
    [InlineData("llama-gqa")]
    [InlineData("qwen2-tied")]
    [InlineData("neox-parallel")]
    public void Open_ShardedFolder_HoldsTheSameTensorsAsTheSingleFile(string name)
    {
        using var scope = NewDisposeScope();
        using var sharded = CheckpointTensors.Open(Repository.Golden("models", name, "lm-sharded"));
        using var single = new GoldenTensors("models", name, "lm", "model.safetensors");
        Assert.Equal(single.Names.Order(), sharded.Tensors.Select(info => info.Name).Order());
        Assert.All(single.Names, tensor => TensorAssert.Equal(single[tensor], sharded.ReadTensor(tensor), tensor));
    }

    [Fact]
    public void Write_SmallShards_MakeAnIndexAsTransformersDoes()
    {
        using var folder = new TemporaryFolder();
        using var source = CheckpointTensors.Open(Repository.Golden("models", "llama-gqa", "lm"));
        CheckpointTensors.Write(folder.Path, source, 20_000, _ => { });
        var ours = JsonNode.Parse(File.ReadAllText(folder["model.safetensors.index.json"]))!;
        var theirs = JsonNode.Parse(File.ReadAllText(Repository.Golden("models", "llama-gqa", "lm-sharded", "model.safetensors.index.json")))!;
        Assert.True(JsonNode.DeepEquals(theirs["metadata"], ours["metadata"]));
        Assert.Equal(theirs["weight_map"]!.AsObject().Select(pair => pair.Key), ours["weight_map"]!.AsObject().Select(pair => pair.Key));
        var shards = folder.Entries.Where(name => name.EndsWith(".safetensors", StringComparison.Ordinal)).ToList();
        Assert.Equal(Enumerable.Range(1, shards.Count).Select(i => $"model-{i:D5}-of-{shards.Count:D5}.safetensors"), shards);
        foreach (var shard in shards)
        {
            using var file = SafetensorsFile.Open(folder[shard]);
            Assert.InRange(file.Tensors.Sum(info => info.ByteLength), 1, 20_000);
            Assert.Equal("pt", file.Metadata["format"]);
        }
        using var read = CheckpointTensors.Open(folder.Path);
        using var scope = NewDisposeScope();
        Assert.All(source.Tensors, info => TensorAssert.Equal(source.ReadTensor(info.Name), read.ReadTensor(info.Name), info.Name));
    }

    [Fact]
    public void Write_TensorLargerThanAShard_HasAFileOfItsOwn()
    {
        using var folder = new TemporaryFolder();
        var source = new ComputedTensors();
        foreach (var (name, length) in new[] { ("a", 10), ("b", 100), ("c", 10), ("d", 10) })
            source.AddValues(new TensorInfo(name, TensorType.F32, [length]), new float[length]);
        CheckpointTensors.Write(folder.Path, source, 100, _ => { });
        var map = JsonNode.Parse(File.ReadAllText(folder["model.safetensors.index.json"]))!["weight_map"]!.AsObject();
        Assert.Equal(["model-00001-of-00003.safetensors", "model-00002-of-00003.safetensors", "model-00003-of-00003.safetensors", "model-00003-of-00003.safetensors"], map.Select(pair => (string?)pair.Value));
    }

    [Theory]
    [InlineData("../elsewhere.safetensors")]
    [InlineData("/etc/elsewhere.safetensors")]
    [InlineData("sub/elsewhere.safetensors")]
    [InlineData("..\\elsewhere.safetensors")]
    [InlineData("C:elsewhere.safetensors")]
    [InlineData("pytorch_model.bin")]
    [InlineData("")]
    public void Open_ShardOutsideTheFolder_IsRefused(string shard)
    {
        using var folder = new TemporaryFolder();
        WriteIndex(folder, new JsonObject { ["a"] = shard });
        Assert.Contains($"'{shard}'", Assert.Throws<InvalidDataException>(() => CheckpointTensors.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_MissingShard_IsNamed()
    {
        using var folder = new TemporaryFolder();
        folder.CopyOf(Repository.Golden("models", "llama-gqa", "lm-sharded"), "lm");
        File.Delete(Path.Combine(folder["lm"], "model-00007-of-00011.safetensors"));
        Assert.Contains("model-00007-of-00011.safetensors is missing", Assert.Throws<FileNotFoundException>(() => CheckpointTensors.Open(folder["lm"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_IndexThatPromisesTooMuch_NamesTensorAndShard()
    {
        using var folder = new TemporaryFolder();
        File.Copy(Repository.Golden("safetensors", "good.safetensors"), folder["one.safetensors"]);
        WriteIndex(folder, new JsonObject { ["a"] = "one.safetensors", ["b"] = "one.safetensors" });
        Assert.Contains("tensor 'b' should be in one.safetensors", Assert.Throws<InvalidDataException>(() => CheckpointTensors.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"weight_map": []}""")]
    [InlineData("""{}""")]
    [InlineData("""not json""")]
    [InlineData("""{"weight_map": {"a": 3}}""")]
    public void Open_DamagedIndex_IsRefused(string text)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["model.safetensors.index.json"], text);
        Assert.Contains("model.safetensors.index.json", Assert.Throws<InvalidDataException>(() => CheckpointTensors.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pytorch_model.bin", "Pickle files can run any code")]
    [InlineData("model.pt", "Pickle files can run any code")]
    [InlineData("adapter_model.safetensors", "LoRA adapter")]
    [InlineData("readme.md", "not a Hugging Face model folder")]
    public void Open_FolderWithoutSafetensors_SaysWhatToDo(string file, string remedy)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder[file], "x");
        Assert.Contains(remedy, Assert.Throws<FileNotFoundException>(() => CheckpointTensors.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoFolder_SaysSo() => Assert.Throws<FileNotFoundException>(() => CheckpointTensors.Open("/no/such/folder"));

    private static void WriteIndex(TemporaryFolder folder, JsonObject weightMap) => File.WriteAllText(folder["model.safetensors.index.json"], new JsonObject { ["weight_map"] = weightMap }.ToJsonString());
}
