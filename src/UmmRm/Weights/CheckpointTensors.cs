using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace UmmRm.Weights;

/// <summary>The tensors of a Hugging Face folder: <c>model.safetensors</c>, or the shards that <c>model.safetensors.index.json</c> names.</summary>
public sealed class CheckpointTensors : ITensorSource, IDisposable
{
    private const string SingleFile = "model.safetensors";
    private const string IndexFile = "model.safetensors.index.json";

    private readonly Dictionary<string, SafetensorsFile> _files = [];
    private readonly Dictionary<string, SafetensorsFile> _fileOf = [];

    private CheckpointTensors(string folder) => Folder = folder;

    /// <summary>The folder that was opened.</summary>
    public string Folder { get; }

    /// <inheritdoc/>
    public IReadOnlyCollection<TensorInfo> Tensors { get; private set; } = [];

    /// <summary>Opens a folder's weights; data are read later. Pickle files are never loaded.</summary>
    /// <exception cref="FileNotFoundException">There is no such folder, it has no safetensors weights, or a shard is missing; the message says what to do.</exception>
    /// <exception cref="InvalidDataException">A file or the index is damaged, or names something outside the folder.</exception>
    public static CheckpointTensors Open(string folder)
    {
        if (!Directory.Exists(folder))
            throw new FileNotFoundException($"there is no model folder '{folder}'");
        var tensors = new CheckpointTensors(folder);
        try
        {
            if (File.Exists(Path.Combine(folder, SingleFile)))
                tensors.UseAllOf(tensors.Shard(SingleFile));
            else if (File.Exists(Path.Combine(folder, IndexFile)))
                tensors.UseIndex();
            else
                throw NoWeights(folder);
            return tensors;
        }
        catch
        {
            tensors.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public TensorInfo? Find(string name) => _fileOf.TryGetValue(name, out var file) ? file.Find(name) : null;

    /// <inheritdoc/>
    public void Read(string name, long offset, Span<byte> destination)
    {
        if (!_fileOf.TryGetValue(name, out var file))
            throw new InvalidDataException($"{Folder}: there is no tensor '{name}' in this checkpoint");
        file.Read(name, offset, destination);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in _files.Values)
            file.Dispose();
    }

    /// <summary>
    /// Writes a source's tensors into a folder: one file when they fit into <paramref name="maxShardBytes"/>, else shards, filled in the source's order, and an index.
    /// A tensor larger than that has a shard of its own.
    /// </summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="source">The tensors.</param>
    /// <param name="maxShardBytes">The most data in one file, in bytes.</param>
    /// <param name="written">Told the number of bytes after each block; may throw to stop.</param>
    internal static void Write(string folder, ITensorSource source, long maxShardBytes, Action<long> written)
    {
        var shards = Plan(source.Tensors, maxShardBytes);
        if (shards.Count == 1)
        {
            Safetensors.Write(Path.Combine(folder, SingleFile), source, shards[0], written);
            return;
        }
        var weightMap = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < shards.Count; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"model-{i + 1:D5}-of-{shards.Count:D5}.safetensors");
            Safetensors.Write(Path.Combine(folder, name), source, shards[i], written);
            foreach (var info in shards[i])
                weightMap[info.Name] = name;
        }
        AtomicFile.WriteText(Path.Combine(folder, IndexFile), Index(source.Tensors, weightMap));
    }

    private static List<List<TensorInfo>> Plan(IEnumerable<TensorInfo> tensors, long maxShardBytes)
    {
        var shards = new List<List<TensorInfo>> { new() };
        var length = 0L;
        foreach (var info in tensors)
        {
            if (length > 0 && length + info.ByteLength > maxShardBytes)
            {
                shards.Add([]);
                length = 0;
            }
            shards[^1].Add(info);
            length += info.ByteLength;
        }
        return shards;
    }

    private static string Index(IEnumerable<TensorInfo> tensors, SortedDictionary<string, string> weightMap)
    {
        var index = new JsonObject
        {
            ["metadata"] = new JsonObject { ["total_parameters"] = tensors.Sum(info => info.Elements), ["total_size"] = tensors.Sum(info => info.ByteLength) },
            ["weight_map"] = new JsonObject(weightMap.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
        };
        return JsonText.Write(index);
    }

    private void UseAllOf(SafetensorsFile file)
    {
        foreach (var info in file.Tensors)
            _fileOf.Add(info.Name, file);
        Tensors = file.Tensors;
    }

    private void UseIndex()
    {
        var path = Path.Combine(Folder, IndexFile);
        if (JsonText.ReadObject(path)["weight_map"] is not JsonObject map)
            throw new InvalidDataException($"{path}: weight_map is missing or not an object; it must name each tensor's file");
        var tensors = new List<TensorInfo>();
        foreach (var (name, value) in map)
        {
            var file = Shard(value is JsonValue text && text.GetValueKind() == JsonValueKind.String ? text.GetValue<string>() : "");
            tensors.Add(file.Find(name) ?? throw new InvalidDataException($"{path}: tensor '{name}' should be in {Path.GetFileName(file.Path)}, but is not: the shards and the index belong to different checkpoints; download them again"));
            _fileOf.Add(name, file);
        }
        Tensors = tensors;
    }

    private SafetensorsFile Shard(string name)
    {
        if (_files.TryGetValue(name, out var open))
            return open;
        if (!name.EndsWith(".safetensors", StringComparison.Ordinal) || name.AsSpan().ContainsAny('/', '\\', ':'))
            throw new InvalidDataException($"{Path.Combine(Folder, IndexFile)}: weight_map names the file '{name}'; a shard must be a .safetensors file in the same folder");
        var path = Path.Combine(Folder, name);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path} is missing, although {IndexFile} names it: the download is incomplete, fetch it again", path);
        return _files[name] = SafetensorsFile.Open(path);
    }

    private static FileNotFoundException NoWeights(string folder)
    {
        string[] pickles = ["*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl"];
        var pickle = pickles.SelectMany(pattern => Directory.EnumerateFiles(folder, pattern)).Order(StringComparer.Ordinal).FirstOrDefault();
        if (pickle is not null)
        {
            return new FileNotFoundException($"{folder} has {Path.GetFileName(pickle)} but no {SingleFile}. Pickle files can run any code when they are loaded, so they never are. Convert with transformers: "
                + "`AutoModelForCausalLM.from_pretrained(folder).save_pretrained(new_folder)` (or AutoModelForSequenceClassification for a reward model)");
        }
        if (File.Exists(Path.Combine(folder, "adapter_model.safetensors")))
            return new FileNotFoundException($"{folder} holds a LoRA adapter, not a model. Merge it into its base model with peft (`merge_and_unload()`), save that, and use the new folder");
        return new FileNotFoundException($"{folder} has neither {SingleFile} nor {IndexFile}: it is not a Hugging Face model folder, or its download is incomplete");
    }
}
