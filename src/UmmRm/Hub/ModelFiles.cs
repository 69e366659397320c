using System.Text.Json;

namespace UmmRm.Hub;

/// <summary>Which files of a model's repository are needed: its configuration, tokenizer, templates and safetensors. Pickle files never are.</summary>
internal static class ModelFiles
{
    private const string Config = "config.json", Single = "model.safetensors", Index = "model.safetensors.index.json";

    private static readonly string[] Tokenizer =
        ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt", "tokenizer.model", "chat_template.jinja", "chat_template.json"];

    private static readonly string[] Beside = ["generation_config.json", "reward.json", "merge.json"];
    private static readonly string[] Pickles = [".bin", ".pt", ".pth", ".ckpt", ".pkl"];

    /// <summary>The files of a tokenizer.</summary>
    /// <exception cref="HubException">There are none.</exception>
    public static IReadOnlyList<string> OfTokenizer(HubSession session, HubRepository repository)
    {
        IReadOnlyList<string> found = [.. Tokenizer.Where(session.Names.Contains)];
        return found.Any(name => name is "tokenizer.json" or "vocab.json" or "tokenizer.model") ? found
            : throw new HubException($"{repository} has no tokenizer ({Seen(session)}); expected tokenizer.json, vocab.json with merges.txt, or tokenizer.model");
    }

    /// <summary>Everything but the shards of the weights, which <see cref="Shards"/> names once the index is here.</summary>
    /// <exception cref="HubException">The repository holds no model, or one that cannot be read; the message says what it holds.</exception>
    public static IReadOnlyList<string> OfModel(HubSession session, HubRepository repository)
    {
        var names = session.Names;
        if (!names.Contains(Config))
        {
            throw new HubException(names.Contains("adapter_config.json")
                ? $"{repository} holds a LoRA adapter, not a model; merge it into its base model with peft (`merge_and_unload()`), save that, and name the new folder"
                : $"{repository} has no {Config} ({Seen(session)}); expected a model");
        }
        if (!names.Contains(Single) && !names.Contains(Index))
        {
            var pickle = names.FirstOrDefault(name => !name.Contains('/', StringComparison.Ordinal) && Array.Exists(Pickles, ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)));
            throw new HubException(pickle is null
                ? $"{repository} has neither {Single} nor {Index} ({Seen(session)})"
                : $"{repository} has {pickle} but no {Single}. Pickle files can run any code when they are loaded, so they are neither fetched nor loaded. Look for a revision with safetensors (often refs/pr/1, as in {repository.Name}@refs/pr/1), or "
                    + "convert with transformers: `AutoModelForCausalLM.from_pretrained(name).save_pretrained(folder)`, and name the folder");
        }
        return [Config, .. Beside.Concat(Tokenizer).Where(names.Contains), names.Contains(Single) ? Single : Index];
    }

    /// <summary>The shards that an index names, each once; none for other files.</summary>
    /// <param name="path">A file of the model, here.</param>
    /// <exception cref="HubException">The index is damaged, or names files outside its folder.</exception>
    public static IReadOnlyList<string> Shards(string path)
    {
        if (Path.GetFileName(path) != Index)
            return [];
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            IReadOnlyList<string> shards = [.. json.RootElement.GetProperty("weight_map").EnumerateObject().Select(entry => entry.Value.GetString()!).Distinct()];
            return shards.FirstOrDefault(shard => !shard.EndsWith(".safetensors", StringComparison.Ordinal) || shard.AsSpan().ContainsAny('/', '\\', ':')) is { } odd
                ? throw new HubException($"{path}: weight_map names the file '{odd}'; a shard must be a .safetensors file in the same folder")
                : shards;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new HubException($"{path}: it is no index of shards ({e.Message})", e);
        }
    }

    private static string Seen(HubSession session)
    {
        var names = string.Join(", ", session.Names.Take(8)) + (session.Names.Count > 8 ? ", ..." : "");
        return session.Why is { } why ? $"the cache has {(names.Length > 0 ? names : "nothing of it")}, and {why}" : $"it has {(names.Length > 0 ? names : "no files")}";
    }
}
