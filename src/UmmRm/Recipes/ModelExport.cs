using System.Text.Json.Nodes;
using UmmRm.Tokenization;
using UmmRm.Weights;

namespace UmmRm.Recipes;

/// <summary>What an export could not take along.</summary>
/// <param name="ConstantLeftOut">What every score has lost, because the format has no place for it: a head's bias; 0 when nothing.</param>
/// <param name="RoundingLoss">Relative error of the numbers that were scaled, after rounding to their element type; 0 when nothing was lost.</param>
public sealed record ExportReport(double ConstantLeftOut, double RoundingLoss);

/// <summary>What an exported model's card says beyond the records that lie beside the model.</summary>
/// <param name="Title">What it calls the model; null for its folder's name.</param>
/// <param name="Accuracy">A file with what <c>eval --json</c> said of it; null takes the run's own evaluations.</param>
public sealed record CardContent(string? Title = null, string? Accuracy = null);

/// <summary>Models for other people's engines: with a padding token, the tokenizer's files, and a model card that says where the numbers come from.</summary>
public static class ModelExport
{
    private const string Card = "README.md";

    /// <summary>Writes a dense reward model as transformers' ...ForSequenceClassification. Heads of other trainers become <c>score.weight</c>.</summary>
    /// <param name="model">A dense reward model's folder, or a language model's with a value head.</param>
    /// <param name="output">The folder to create or replace.</param>
    /// <param name="padToken">The padding token; null keeps the model's.</param>
    /// <param name="content">What the model card says beyond the records.</param>
    /// <param name="options">Sharding, progress, cancellation.</param>
    /// <exception cref="ArgumentException">A mixture, a language model, or no usable padding token.</exception>
    public static ExportReport ToTransformers(string model, string output, string? padToken, CardContent content, CheckpointWriteOptions options)
    {
        OutputFolder.RequireApart(output, model);
        var (read, tokenizer) = (HuggingFaceConfig.Read(model), Tokenizer.Load(model));
        if (read.Model.Moe is not null)
            throw new ArgumentException($"{model} is a mixture of experts, which no ...ForSequenceClassification of a dense architecture holds; merge it first (merge), or export it with --format qwen2-moe");
        var config = read.AsRewardModel(SpecialTokens.Named(padToken, tokenizer));
        using var tensors = ModelTensors.Open(model);
        if (tensors.Find(RewardHead.Name) is null)
            throw new ArgumentException($"{model} has no reward head ({RewardHead.Name}): it is a language model; train a reward model from it (reward), and export that");
        var plain = tensors.WithoutConstant(out var dropped);
        var card = ModelCard.Of(model, config, content, dropped, roundingLoss: 0);
        var kept = new ComputedTensors();
        foreach (var info in plain.Tensors.Where(info => !Checkpoint.IsHarmless(info.Name)))
            kept.AddCopy(plain, info);
        var reward = RewardMetadata.Read(model);
        Checkpoint.WriteFolder(output, config, kept, model, tensors.ScoreConstant == 0 ? reward : reward?.WithoutScores(), options, folder => Finish(folder, config, tokenizer, card));
        return new ExportReport(dropped, 0);
    }

    /// <summary>Writes an unmerged mixture as transformers' Qwen2MoeForSequenceClassification; see <see cref="QwenMixture"/>.</summary>
    /// <param name="model">A mixture's folder.</param>
    /// <param name="output">The folder to create or replace.</param>
    /// <param name="content">What the model card says beyond the records.</param>
    /// <param name="options">Sharding, progress, cancellation.</param>
    /// <exception cref="ArgumentException">No mixture, or one that the form cannot express.</exception>
    public static ExportReport ToQwenMixture(string model, string output, CardContent content, CheckpointWriteOptions options)
    {
        var config = HuggingFaceConfig.Read(model).AsQwenMixture();
        var tokenizer = Tokenizer.Load(model);
        ModelCard.Of(model, config, content, 0, 0); // what is wrong with the records is said before anything is written
        var loss = QwenMixture.Write(model, output, options, (folder, lost) => Finish(folder, config, tokenizer, ModelCard.Of(model, config, content, 0, lost.Relative)));
        return new ExportReport(0, loss.Relative);
    }

    private static void Finish(string folder, HuggingFaceConfig config, Tokenizer tokenizer, string card)
    {
        NamePadToken(Path.Combine(folder, "tokenizer_config.json"), tokenizer.TokenOf(config.Model.PadTokenId!.Value));
        AtomicFile.WriteText(Path.Combine(folder, Card), card);
    }

    /// <summary>The tokenizer pads with the token that the model was trained to skip.</summary>
    private static void NamePadToken(string path, string? token)
    {
        if (token is null || !File.Exists(path))
            return;
        var json = JsonText.ReadObject(path);
        if ((json["pad_token"] is JsonObject added ? added["content"] : json["pad_token"])?.ToString() == token)
            return;
        json["pad_token"] = token;
        AtomicFile.WriteText(path, JsonText.Write(json));
    }
}
