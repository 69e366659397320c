using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using TorchSharp;
using UmmRm.Models;
using UmmRm.Tests.Models;
using UmmRm.Tests.Weights;
using UmmRm.Tokenization;
using UmmRm.Weights;

namespace UmmRm.Tests.Cli;

/// <summary>Folders of tiny reference models with a tokenizer of 96 words: <c>w00</c> .. <c>w95</c>, whose ids are their numbers; w00 pads, w01 begins, w02 ends.</summary>
internal sealed class TinyModels : IDisposable
{
    private static readonly ConcurrentDictionary<string, Lazy<RewardModel>> Loaded = new();

    public TemporaryFolder Folder { get; } = new();

    /// <summary>A reward model's folder.</summary>
    public string Reward(string name = "llama-gqa") => Place(name, "rm");

    /// <summary>A language model's folder.</summary>
    public string Language(string name = "llama-gqa") => Place(name, "lm");

    /// <summary>A trained mixture's folder: one shared and seven routed experts, all different, two of them a token, alpha 0.5.</summary>
    public string Mixture()
    {
        var moe = new MoeConfig { NumExperts = 8, TopK = 2, SharedExpertWeight = 0.5 };
        using var weights = new GoldenTensors("moe", "model-llama.safetensors");
        using var model = GoldenModel.Mixture(weights, "llama-gqa", moe.TopK, moe.SharedExpertWeight);
        Checkpoint.Save(Folder["moe"], HuggingFaceConfig.Read(Reward()).AsMixture(moe), model, tokenizerFolder: Reward());
        return Folder["moe"];
    }

    /// <summary>Writes rows as a file of JSON lines.</summary>
    public string Rows(string name, params string[] lines)
    {
        File.WriteAllText(Folder[name], string.Concat(lines.Select(line => line + "\n")));
        return Folder[name];
    }

    /// <summary>Some ordinary words, the same for the same seed.</summary>
    public static string Words(int seed, int count) => string.Join(' ', Enumerable.Range(0, count).Select(i => $"w{4 + (((seed * 37) + (i * 17) + (i * i * seed)) % 92):00}"));

    /// <summary>The ids of words.</summary>
    public static int[] Ids(string words) => [.. words.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => int.Parse(word[1..], CultureInfo.InvariantCulture))];

    /// <summary>A reference model's own forward pass on one text alone.</summary>
    public static double Score(string name, params int[] ids)
    {
        var model = Loaded.GetOrAdd(name, key => new(() => GoldenModel.Reward(key))).Value;
        using var scope = torch.NewDisposeScope();
        using var _ = torch.no_grad();
        var input = new TokenInput(torch.tensor(Array.ConvertAll(ids, id => (long)id)).unsqueeze(0), torch.tensor(Enumerable.Range(0, ids.Length).Select(i => (long)i).ToArray()).unsqueeze(0));
        return model.Forward(input, torch.tensor(new[] { ids.Length - 1L }).unsqueeze(0)).item<float>();
    }

    /// <summary>Lines of output as rows.</summary>
    public static JsonObject[] Parse(string lines) => [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject())];

    public void Dispose() => Folder.Dispose();

    private string Place(string name, string kind)
    {
        var folder = Folder.CopyOf(Repository.Golden("models", name, kind), $"{name}-{kind}");
        WordLevelTokenizer.Create(["w00", "w01", "w02", "w03"], Enumerable.Range(4, 92).Select(id => $"w{id:00}"), bosToken: "w01", eosToken: "w02", padToken: "w00", unknownToken: null).Save(folder);
        return folder;
    }
}
