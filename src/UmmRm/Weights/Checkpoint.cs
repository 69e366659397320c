using System.Text.RegularExpressions;
using UmmRm.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace UmmRm.Weights;

/// <summary>What became of a checkpoint's tensors when a model was loaded.</summary>
/// <param name="NewHead">Whether the reward head was made anew, because the checkpoint holds a language model.</param>
/// <param name="Ignored">Tensors that the model has no use for and that are known to be harmless: recomputed buffers, another task's head.</param>
public sealed record LoadReport(bool NewHead, IReadOnlyList<string> Ignored)
{
    /// <summary>What belongs to every score beside the head times the hidden state: see <see cref="ModelTensors.ScoreConstant"/>.</summary>
    public double ScoreConstant { get; init; }
}

/// <summary>Hugging Face folders in and out: the names of a module's parameters are the checkpoint's keys.</summary>
public static partial class Checkpoint
{
    /// <summary>Files that travel with a model: the tokenizer's, in every form that they come in.</summary>
    private static readonly string[] TokenizerFiles =
        ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt", "tokenizer.model", "chat_template.jinja"];

    /// <summary>The architecture that a folder's config.json describes.</summary>
    /// <exception cref="FileNotFoundException">There is no config.json.</exception>
    /// <exception cref="InvalidDataException">It is damaged or not supported.</exception>
    public static ModelConfig ReadConfig(string folder) => HuggingFaceConfig.Read(folder).Model;

    /// <summary>Fills a module's parameters from a folder, converting to their element type. Strict: every parameter must be there with its shape, and nothing else.</summary>
    /// <param name="folder">A Hugging Face folder.</param>
    /// <param name="model">A module whose parameter names are the checkpoint's keys; tied parameters are one Parameter.</param>
    /// <param name="newHeadSeed">When the folder holds a language model and the module a reward head: the seed for a new head. A head that is there is always kept.</param>
    /// <exception cref="FileNotFoundException">Weights are missing.</exception>
    /// <exception cref="InvalidDataException">Tensors are missing, unexpected or of another shape; the message names them. A missing reward head is an error unless a seed is given.</exception>
    public static LoadReport LoadParameters(string folder, Module model, long? newHeadSeed = null)
    {
        using var source = ModelTensors.Open(folder);
        var groups = model.named_parameters().GroupBy(pair => pair.parameter.Handle, pair => pair).ToList(); // a tied parameter has several names
        var names = groups.SelectMany(group => group.Select(pair => pair.name)).ToHashSet();
        var newHead = newHeadSeed is not null && names.Contains(RewardHead.Name) && source.Find(RewardHead.Name) is null;
        var extra = source.Tensors.Select(info => info.Name).Where(name => !names.Contains(name)).ToLookup(IsHarmless);
        var wanted = groups.Select(group => group.FirstOrDefault(pair => source.Find(pair.name) is not null, group.First())).Where(pair => !(newHead && pair.name == RewardHead.Name)).ToList();
        RequireMatch(source, wanted, [.. extra[false]]);
        foreach (var (name, parameter) in wanted)
            source.ReadInto(name, parameter);
        if (newHead)
            FillHead(model, newHeadSeed!.Value);
        return new LoadReport(newHead, [.. extra[true]]) { ScoreConstant = source.ScoreConstant };
    }

    /// <summary>Writes a module's parameters as a Hugging Face folder; see <see cref="Write"/>.</summary>
    /// <param name="folder">The folder to create or replace.</param>
    /// <param name="config">Its config.json; the element type is set here.</param>
    /// <param name="model">A module whose parameter names are the checkpoint's keys; of tied parameters the first name is written.</param>
    /// <param name="storedAs">The element type on disk; null keeps the parameters' own.</param>
    /// <param name="tokenizerFolder">Where the tokenizer's files are copied from; null writes none.</param>
    /// <param name="reward">The reward model's record, if it has one.</param>
    /// <param name="options">Sharding, progress, cancellation.</param>
    public static void Save(string folder, HuggingFaceConfig config, Module model, TensorType? storedAs = null, string? tokenizerFolder = null, RewardMetadata? reward = null, CheckpointWriteOptions? options = null)
    {
        var tensors = ComputedTensors.Of(model.named_parameters().DistinctBy(pair => pair.parameter.Handle).Select(pair => (pair.name, (Tensor)pair.parameter)), storedAs);
        Write(folder, config, tensors, tokenizerFolder, reward, options);
    }

    /// <summary>
    /// Writes tensors as a Hugging Face folder that appears whole or not at all: a model that was there is replaced only when the new one is complete and on the disk.
    /// </summary>
    /// <param name="folder">The folder to create or replace.</param>
    /// <param name="config">Its config.json; the element type is taken from the tensors.</param>
    /// <param name="tensors">The weights.</param>
    /// <param name="tokenizerFolder">Where the tokenizer's files (and a language model's generation_config.json) are copied from; null writes none.</param>
    /// <param name="reward">The reward model's record, if it has one.</param>
    /// <param name="options">Sharding, progress, cancellation.</param>
    /// <exception cref="ArgumentException">A reward model without a padding token of its own, or a folder that holds something other than a model.</exception>
    /// <exception cref="IOException">The disk is full or cannot be written.</exception>
    public static void Write(string folder, HuggingFaceConfig config, ITensorSource tensors, string? tokenizerFolder, RewardMetadata? reward = null, CheckpointWriteOptions? options = null) =>
        WriteFolder(folder, config, tensors, tokenizerFolder, reward, options, _ => { });

    /// <summary>As <see cref="Write"/>, with a last step that adds files to the unfinished folder whose path it is given.</summary>
    internal static void WriteFolder(string folder, HuggingFaceConfig config, ITensorSource tensors, string? tokenizerFolder, RewardMetadata? reward, CheckpointWriteOptions? options, Action<string> addFiles)
    {
        options ??= new CheckpointWriteOptions();
        if (config.IsRewardModel)
            config.RequirePadToken();
        using var output = OutputFolder.Begin(folder);
        var total = tensors.Tensors.Sum(info => info.ByteLength);
        var done = 0L;
        CheckpointTensors.Write(output.Path, tensors, options.MaxShardBytes, count =>
        {
            options.Cancellation.ThrowIfCancellationRequested();
            done += count;
            options.Progress?.Report((double)done / total);
        });
        config.StoredAs(MainType(tensors)).Write(output.Path);
        CopyTokenizer(tokenizerFolder, output.Path, config.IsRewardModel ? [] : ["generation_config.json"]);
        reward?.Write(output.Path);
        addFiles(output.Path);
        output.Complete();
    }

    /// <summary>Names of the tokenizer's files that a folder has.</summary>
    internal static IEnumerable<string> TokenizerFilesOf(string folder) => TokenizerFiles.Where(name => File.Exists(Path.Combine(folder, name)));

    /// <summary>The element type that most of the data have: what config.json names.</summary>
    private static TensorType MainType(ITensorSource tensors) =>
        tensors.Tensors.Where(info => info.Type.ConfigName is not null).GroupBy(info => info.Type).MaxBy(group => group.Sum(info => info.ByteLength))?.Key
        ?? throw new ArgumentException("there are no floating-point weights to write");

    private static void CopyTokenizer(string? from, string to, string[] others)
    {
        if (from is null)
            return;
        foreach (var name in TokenizerFilesOf(from).Concat(others.Where(name => File.Exists(Path.Combine(from, name)))))
            AtomicFile.WriteBytes(Path.Combine(to, name), File.ReadAllBytes(Path.Combine(from, name)));
    }

    private static void FillHead(Module model, long seed)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var head = model.named_parameters().First(pair => pair.name == RewardHead.Name).parameter;
        head.copy_(RewardHead.New((int)head.shape[1], seed));
    }

    /// <summary>Tensors that a module without parameters of these names does not need: buffers that are computed, and a language model's head (a reward model has another, a tied one shares the embedding).</summary>
    internal static bool IsHarmless(string name) => ComputedBuffer().IsMatch(name) || name is "lm_head.weight" or "embed_out.weight";

    private static void RequireMatch(ModelTensors source, List<(string name, TorchSharp.Modules.Parameter parameter)> wanted, List<string> unexpected)
    {
        var missing = wanted.Where(pair => source.Find(pair.name) is null).Select(pair => pair.name).ToList();
        var misshapen = wanted.Where(pair => source.Find(pair.name) is { } info && !info.Shape.SequenceEqual(pair.parameter.shape))
            .Select(pair => $"{pair.name} is [{string.Join(", ", source.Find(pair.name)!.Shape)}] where [{string.Join(", ", pair.parameter.shape)}] is expected").ToList();
        var integers = wanted.Select(pair => source.Find(pair.name)).OfType<TensorInfo>().Where(info => info.Type.ConfigName is null).Select(info => $"{info.Name} is {info.Type.Name}").ToList();
        if (missing.Count + misshapen.Count + unexpected.Count + integers.Count == 0)
            return;
        var complaints = new[] { Complaint("missing", missing), Complaint("unexpected", unexpected), Complaint("wrong shape", misshapen), Complaint("no weights in F32, F16, BF16 or F64", integers) }.Where(text => text.Length > 0);
        var remedy = missing.Contains(RewardHead.Name)
            ? $" A reward model needs its head {RewardHead.Name}; it is never made up. Train from a language model with a new head (give its seed), or find the checkpoint that has it."
            : " The checkpoint does not belong to this config.json, or is damaged.";
        throw new InvalidDataException($"{source.Folder}: {string.Join("; ", complaints)}.{remedy}");
    }

    private static string Complaint(string what, List<string> names) =>
        names.Count == 0 ? "" : $"{what} ({names.Count}): {string.Join(", ", names.Take(10))}{(names.Count > 10 ? ", ..." : "")}";

    [GeneratedRegex(@"\.(attention\.(bias|masked_bias)|rotary_emb\.inv_freq)$")]
    private static partial Regex ComputedBuffer();
}
