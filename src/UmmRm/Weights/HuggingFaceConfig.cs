using System.Text.Json.Nodes;
using UmmRm.Models;

namespace UmmRm.Weights;

/// <summary>
/// A model folder's config.json and what it means. Changes start from the JSON as it was read: unknown keys and the generation of words
/// (transformers 4 or 5) stay, so that what loaded elsewhere still does.
/// </summary>
public sealed class HuggingFaceConfig
{
    private const string FileName = "config.json";
    private const string RewardTask = "ForSequenceClassification";

    private readonly JsonObject _json;
    private readonly string _where;

    private HuggingFaceConfig(JsonObject json, string where)
    {
        (_json, _where) = (json, where);
        Model = ConfigReader.Read(json, where);
        var keys = new ConfigKeys(json, where);
        Architecture = json["architectures"] is JsonArray and [JsonValue first, ..] && first.TryGetValue<string>(out var name) ? name : null;
        StoredType = TensorType.FromConfig(keys.OptionalText("dtype") ?? keys.OptionalText("torch_dtype") ?? "");
    }

    /// <summary>The architecture, as far as the forward pass depends on it.</summary>
    public ModelConfig Model { get; }

    /// <summary>The class that the file names first under <c>architectures</c>, or null.</summary>
    public string? Architecture { get; }

    /// <summary>Whether the file describes a model with a scalar head instead of a language model's.</summary>
    public bool IsRewardModel => Architecture is { } name && (name.EndsWith(RewardTask, StringComparison.Ordinal) || name.EndsWith("RewardModel", StringComparison.Ordinal) || name == "LLMForSequenceRegression");

    /// <summary>Whether it is a mixture in Qwen2-MoE's words; see <see cref="QwenMixture"/>.</summary>
    public bool IsQwenMixture => ModelType == QwenMixtureConfig.ModelType;

    private string? ModelType => new ConfigKeys(_json, _where).OptionalText("model_type");

    /// <summary>The element type that the file says the weights have, or null when it says none.</summary>
    public TensorType? StoredType { get; }

    /// <summary>Reads the config.json of a folder.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or describes something that is not supported; the message names the key and what is supported.</exception>
    public static HuggingFaceConfig Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path} is missing: name a folder with a Hugging Face model (config.json and model.safetensors){Below(folder)}", path);
        return new HuggingFaceConfig(JsonText.ReadObject(path), path);
    }

    /// <summary>The models one folder further down, as in a run's folder, for the end of a message; empty where there are none.</summary>
    public static string Below(string folder)
    {
        const int most = 8;
        var models = Directory.Exists(folder) ? Directory.GetDirectories(folder).Where(below => File.Exists(Path.Combine(below, FileName))).Order(StringComparer.Ordinal).ToList() : [];
        return models.Count == 0 ? "" : $"; below it there {(models.Count == 1 ? "is" : "are")} {string.Join(", ", models.Take(most))}{(models.Count > most ? ", ..." : "")}";
    }

    /// <summary>Parses the text of a config.json.</summary>
    /// <param name="text">The JSON.</param>
    /// <param name="where">What messages call it.</param>
    /// <exception cref="InvalidDataException">As for <see cref="Read"/>.</exception>
    public static HuggingFaceConfig Parse(string text, string where = FileName) => new(JsonText.ParseObject(text, where), where);

    /// <summary>A new configuration for a causal language model, stored in float32; a reward model is made from it by the methods below. One with a mixture describes a reward model at once.</summary>
    /// <exception cref="ArgumentException">The family has no such models, for example GPT-NeoX with a head width apart from d / h.</exception>
    public static HuggingFaceConfig Create(ModelConfig model)
    {
        var config = new HuggingFaceConfig(ConfigWriter.Write(model), FileName);
        if (config.Model with { EosTokenIds = model.EosTokenIds, Moe = model.Moe } is var read && read != model)
            throw new ArgumentException($"{ConfigWriter.TypeName(model.Family)} models cannot have these settings: {model} would be read as {read}");
        return model.Moe is { } moe ? config.AsMixture(moe) : config;
    }

    /// <summary>The same trunk with a scalar reward head (one label, regression: servers then return the raw logit).</summary>
    /// <param name="padTokenId">The padding token; null keeps the file's.</param>
    /// <exception cref="ArgumentException">No padding token is known, or it ends texts as well; see <see cref="RequirePadToken"/>.</exception>
    public HuggingFaceConfig AsRewardModel(int? padTokenId = null)
    {
        if (Model.MeanPooling)
            throw new ArgumentException($"{_where}: pooling is mean, which no {RewardTask} model can express: such a model can score (score, eval), and can neither be trained, upcycled nor exported; take pooling: last models or another reward model");
        var config = Changed(json =>
        {
            TakeOver(json);
            json["architectures"] = new JsonArray(Model.Moe is null ? ConfigWriter.ClassName(Model.Family, RewardTask) : "UmmMoe" + RewardTask);
            json["id2label"] = new JsonObject { ["0"] = "LABEL_0" };
            json["label2id"] = new JsonObject { ["LABEL_0"] = 0 };
            json["num_labels"] = 1;
            json["problem_type"] = "regression";
            if (padTokenId is { } pad)
                json["pad_token_id"] = pad;
        });
        config.RequirePadToken();
        return config;
    }

    /// <summary>The same reward model as a mixture of this shape. Our own format: transformers refuses it instead of loading it wrongly.</summary>
    /// <exception cref="ArgumentException">It is a mixture already, the shape is impossible, or there is no usable padding token.</exception>
    public HuggingFaceConfig AsMixture(MoeConfig moe)
    {
        if (Model.Moe is not null)
            throw new ArgumentException($"{_where} describes a mixture already; start from a dense model");
        moe.Validate();
        return Changed(json =>
        {
            json["model_type"] = ConfigReader.MixtureType;
            json["base_model_type"] = ConfigWriter.TypeName(Model.Family);
            json["moe"] = new JsonObject { ["num_experts"] = moe.NumExperts, ["top_k"] = moe.TopK, ["shared_expert_weight"] = moe.SharedExpertWeight };
        }).AsRewardModel();
    }

    /// <summary>The dense reward model that a mixture merges into: the original architecture's configuration.</summary>
    /// <exception cref="ArgumentException">It is not a mixture.</exception>
    public HuggingFaceConfig AsDense()
    {
        if (Model.Moe is null)
            throw new ArgumentException($"{_where} describes no mixture (model_type {ConfigReader.MixtureType})");
        return Changed(json =>
        {
            TakeOver(json);
            json["model_type"] = ConfigWriter.TypeName(Model.Family);
            json.Remove("base_model_type");
            json.Remove("moe");
        }).AsRewardModel();
    }

    /// <summary>The same mixture as transformers' Qwen2MoeForSequenceClassification, which other engines serve.</summary>
    /// <exception cref="ArgumentException">It is no mixture, that class cannot express it, or there is no usable padding token; the message says why.</exception>
    public HuggingFaceConfig AsQwenMixture()
    {
        var config = new HuggingFaceConfig(QwenMixtureConfig.Write(Model), _where);
        config.RequirePadToken();
        return config;
    }

    /// <summary>
    /// OpenRLHF's normalisation of scores, (r - mean) / std, where the file has it and says nothing against it (<c>normalize_reward: false</c>); null otherwise.
    /// </summary>
    /// <param name="foreignHead">Whether the head has OpenRLHF's own name; with a plain <c>score.weight</c> only <c>normalize_reward: true</c> asks for it, because servers would not.</param>
    /// <exception cref="InvalidDataException">One of the two is missing, or std is not positive.</exception>
    internal (double Mean, double Sd)? ScoreNormalisation(bool foreignHead)
    {
        var keys = new ConfigKeys(_json, _where);
        if (!(keys.Has("mean") || keys.Has("std")) || !keys.Bool("normalize_reward", foreignHead))
            return null;
        var (mean, sd) = (keys.Double("mean"), keys.Double("std"));
        return double.IsFinite(mean) && sd > 0 && double.IsFinite(sd) ? (mean, sd) : throw keys.Wrong("std", "a positive number, with a finite mean: scores are (r - mean) / std");
    }

    /// <summary>The same language model with a head of its own instead of the embedding.</summary>
    public HuggingFaceConfig Untied() => Changed(json => json["tie_word_embeddings"] = false);

    /// <summary>The same model with another padding token; null keeps the file's.</summary>
    public HuggingFaceConfig WithPadToken(int? padTokenId) => padTokenId is { } pad ? Changed(json => json["pad_token_id"] = pad) : this;

    /// <summary>The same model with its weights in another element type.</summary>
    public HuggingFaceConfig StoredAs(TensorType type) => type == StoredType ? this : Changed(json =>
    {
        var key = json.ContainsKey("dtype") || (json.ContainsKey("rope_parameters") && !json.ContainsKey("torch_dtype")) ? "dtype" : "torch_dtype";
        json[key] = type.ConfigName ?? throw new ArgumentException($"a model cannot be stored as {type}; use F32, BF16 or F16");
    });

    /// <summary>The text of the file.</summary>
    public string ToJson() => JsonText.Write(_json);

    /// <summary>Writes config.json into a folder.</summary>
    public void Write(string folder) => AtomicFile.WriteText(Path.Combine(folder, FileName), ToJson());

    /// <summary>
    /// Throws unless there is a padding token of its own: transformers reads the reward at the last token that is not padding, so with padding = EOS it would
    /// skip the end marker that other servers read it at.
    /// </summary>
    /// <exception cref="ArgumentException">There is none, it lies outside the vocabulary, or it is an end-of-text token too; the message names the remedy.</exception>
    public void RequirePadToken()
    {
        const string remedy = "name a padding token that texts never contain: 151662 (<|fim_pad|>) for Qwen2.5, 128004 for Llama 3, 1 (<|padding|>) for Pythia, 0 (<unk>) for TinyLlama";
        if (Model.PadTokenId is not { } pad)
            throw new ArgumentException($"{_where}: pad_token_id is missing, but a reward model needs one; {remedy}");
        if (pad >= Model.VocabSize)
            throw new ArgumentException($"{_where}: pad_token_id is {pad}, but the vocabulary has {Model.VocabSize} rows; {remedy}");
        if (Model.EosTokenIds.Contains(pad))
            throw new ArgumentException($"{_where}: pad_token_id {pad} is also an eos_token_id: transformers would then read the reward before the end marker, other servers at it; {remedy}");
    }

    /// <summary>The keys in which two models differ, with both values, leaving out how the weights are stored; empty when they compute the same function of their weights.</summary>
    public IReadOnlyList<string> DifferencesFrom(HuggingFaceConfig other)
    {
        var (mine, theirs) = (Canonical(this), Canonical(other));
        return [.. mine.Select(pair => pair.Key).Union(theirs.Select(pair => pair.Key)).Where(key => !JsonNode.DeepEquals(mine[key], theirs[key]))
            .Select(key => $"{key} is {mine[key]?.ToJsonString() ?? "null"} and {theirs[key]?.ToJsonString() ?? "null"}")];

        static JsonObject Canonical(HuggingFaceConfig config)
        {
            var json = ConfigWriter.Write(config.Model);
            json["moe"] = config.Model.Moe is { } moe ? $"{moe.NumExperts} experts, top {moe.TopK}, shared weight {moe.SharedExpertWeight}" : null;
            json["architectures"] = config.IsRewardModel ? "reward model" : "language model";
            return json;
        }
    }

    /// <summary>Replaces other trainers' words by ours: what they say of the head is then in its weights.</summary>
    private void TakeOver(JsonObject json)
    {
        foreach (var key in (string[])["mean", "std", "normalize_reward", "value_head_prefix", "pooling"])
            json.Remove(key);
        if (ModelType == ConfigReader.OpenAssistantType)
            json["model_type"] = ConfigWriter.TypeName(Model.Family);
        if (!IsQwenMixture)
            return;
        foreach (var key in QwenMixtureConfig.OwnKeys)
            json.Remove(key);
        json["intermediate_size"] = Model.IntermediateSize;
        json["model_type"] = ConfigReader.MixtureType;
        json["base_model_type"] = ConfigWriter.TypeName(Model.Family);
        json["moe"] = new JsonObject { ["num_experts"] = Model.Moe!.NumExperts, ["top_k"] = Model.Moe.TopK, ["shared_expert_weight"] = Model.Moe.SharedExpertWeight };
    }

    private HuggingFaceConfig Changed(Action<JsonObject> change)
    {
        var json = (JsonObject)_json.DeepClone();
        change(json);
        return new HuggingFaceConfig(json, _where);
    }
}
