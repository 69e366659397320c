using System.Globalization;
using System.Text.Json.Nodes;
using UmmRm.Models;
using UmmRm.Recipes;
using UmmRm.Reports;
using UmmRm.Runtime;
using UmmRm.Tokenization;
using UmmRm.Weights;

namespace UmmRm.Cli.Inspection;

/// <summary>What config.json and reward.json say of a model, and what it costs to run.</summary>
internal static class ModelFacts
{
    private const int TokensAPass = 8192;
    private const int UsualLength = 1024;

    /// <summary>Architecture, mixture, memory and how texts are read.</summary>
    public static IEnumerable<Fact> Of(string folder, HuggingFaceConfig config)
    {
        var model = config.Model;
        yield return Fact.Of("kind", $"{(config.IsRewardModel ? "reward model" : "language model")}{(model.Moe is null ? "" : ", mixture of experts")}");
        yield return Architecture(config.Architecture, model);
        if (model.Moe is { } moe)
            yield return Mixture(moe);
        var memory = new ModelMemory(model, config.IsRewardModel, (config.StoredType ?? TensorType.F32).Bits / 8);
        var length = Math.Min(model.MaxPositions, UsualLength);
        yield return Memory("memory_to_serve", [Precision.Float32, Precision.BFloat16], precision => memory.Scoring(precision, TokensAPass, length), length);
        yield return Memory("memory_to_train", [Precision.Float32, Precision.Mixed, Precision.BFloat16], precision => memory.Training(precision, TokensAPass, length), length);
        if (config.IsRewardModel)
            yield return Reading(folder, RewardMetadata.Read(folder));
    }

    private static Fact Architecture(string? name, ModelConfig model) => new(
        "architecture",
        string.Create(CultureInfo.InvariantCulture, $"{name ?? "no name"}: {model.Family}, {model.NumLayers} layers, hidden {model.HiddenSize:N0}, {model.NumHeads} heads of {model.HeadDim} ({model.NumKeyValueHeads} for keys and values), feed-forward {model.IntermediateSize:N0}, vocabulary {model.VocabSize:N0}{(model.TieWordEmbeddings ? " (tied)" : "")}, {model.MaxPositions:N0} positions"),
        new JsonObject
        {
            ["class"] = name,
            ["family"] = model.Family.ToString(),
            ["num_hidden_layers"] = model.NumLayers,
            ["hidden_size"] = model.HiddenSize,
            ["num_attention_heads"] = model.NumHeads,
            ["num_key_value_heads"] = model.NumKeyValueHeads,
            ["head_dim"] = model.HeadDim,
            ["intermediate_size"] = model.IntermediateSize,
            ["vocab_size"] = model.VocabSize,
            ["max_position_embeddings"] = model.MaxPositions,
            ["tie_word_embeddings"] = model.TieWordEmbeddings,
        });

    private static Fact Mixture(MoeConfig moe) => new(
        "mixture",
        string.Create(CultureInfo.InvariantCulture, $"{moe.NumExperts} experts a layer: 1 shared with weight {moe.SharedExpertWeight}, and {moe.RoutedExperts} routed, of which each token visits {moe.TopK}"),
        new JsonObject { ["num_experts"] = moe.NumExperts, ["top_k"] = moe.TopK, ["shared_expert_weight"] = moe.SharedExpertWeight });

    private static Fact Memory(string key, Precision[] precisions, Func<Precision, IEnumerable<MemoryTerm>> terms, int length)
    {
        var needs = precisions.Select(precision => (Name: precision.ToString().ToLowerInvariant(), Bytes: terms(precision).Sum(term => term.Bytes))).ToList();
        return new Fact(
            key,
            string.Create(CultureInfo.InvariantCulture, $"about {string.Join(", ", needs.Select(need => $"{ByteSize.Text(need.Bytes)} in {need.Name}"))}, at {TokensAPass:N0} tokens a pass in rows of up to {length:N0}"),
            new JsonObject(needs.Select(need => KeyValuePair.Create(need.Name, (JsonNode?)need.Bytes))));
    }

    private static Fact Reading(string folder, RewardMetadata? reward) => reward is null
        ? new Fact("template", $"not recorded (no reward.json): texts are read by {(ChatTemplateFile.IsIn(folder) ? "its chat template" : "raw")} unless --template says otherwise", null)
        : new Fact(
            "template",
            string.Create(CultureInfo.InvariantCulture, $"{reward.TemplateName}, {(reward.AppendEos ? "end-of-text token appended" : "nothing appended")}, {(reward.MaxLength is { } most ? $"at most {most:N0} tokens" : "any length")}, {reward.Probes.Count} probe scores{(reward.Normalisation is { } scale ? $", {scale.Mean:g4} +- {scale.Sd:g4} on {scale.Count} texts ({scale.Source})" : "")}"),
            new JsonObject { ["name"] = reward.TemplateName, ["append_eos"] = reward.AppendEos, ["max_length"] = reward.MaxLength, ["probes"] = reward.Probes.Count });
}
