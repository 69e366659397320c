using System.Globalization;
using UmmRm.Reports;
using UmmRm.Tokenization;
using UmmRm.Weights;

namespace UmmRm.Diagnosis;

/// <summary>What a model's folder says of itself, before its weights are read.</summary>
internal static class ModelChecks
{
    private static readonly string[] PaddingNames = ["<|fim_pad|>", "<|finetune_right_pad_id|>", "<|reserved_special_token_0|>", "<|padding|>", "<|pad|>", "<pad>", "[PAD]", "<unk>"];

    /// <summary>All of them but <see cref="PadToken"/>.</summary>
    public static IReadOnlyList<Check<ModelCase>> All { get; } =
    [
        new("weights", Weights, "name a folder as Hugging Face's save_pretrained writes it: config.json, model.safetensors (or all its shards and the index) and the tokenizer's files"),
        new("config", Config, "supported are llama, qwen2 and gpt_neox in float32, bfloat16 or float16; take the original config.json and weights"),
        new("tokenizer", Vocabulary, "copy tokenizer.json and tokenizer_config.json of the same model into the folder"),
        new("record", Record, "take reward.json as training wrote it, or remove it and name the template yourself (--template)"),
        new("head", Head, "find the checkpoint that has the head, or train one: start from the language model, whose new head is drawn from the seed"),
        new("vocabulary", Rows, "take the tokenizer that the model was trained with"),
        new("eos-token", EndToken),
    ];

    /// <summary>A padding token of its own, as the folder names it; a recipe may name another (see <see cref="RecipeChecks"/>).</summary>
    public static Check<ModelCase> Padding { get; } = new("pad-token", PadToken);

    /// <summary>A token of this tokenizer that would do as padding, or null.</summary>
    public static string? PaddingCandidate(ModelCase model) =>
        PaddingNames.FirstOrDefault(name => model.Tokenizer.IdOf(name) is { } id && id < model.Config.Model.VocabSize && !model.Config.Model.EosTokenIds.Contains(id));

    /// <summary>A token with its id: <c>&lt;/s&gt; (2)</c>.</summary>
    public static string Spelled(Tokenizer tokenizer, int id) => $"{tokenizer.TokenOf(id) ?? "no token"} ({id})";

    private static Verdict Weights(ModelCase model)
    {
        var tensors = model.Stored.Tensors;
        var packed = tensors.Where(tensor => tensor.Type.ConfigName is null && !Checkpoint.IsHarmless(tensor.Name)).ToList();
        if (packed is [var first, ..])
        {
            return Verdict.Error(
                $"{packed.Count} of {tensors.Count} tensors are no floating-point weights, the first of them {first.Name}, {first.Form}: the checkpoint is quantised (GPTQ, AWQ, bitsandbytes, FP8, ...). Its numbers mean nothing without the scheme that packed them, and a quantised model cannot be trained",
                "use the original checkpoint in bfloat16, float16 or float32");
        }
        var types = string.Join(" and ", tensors.Select(tensor => tensor.Type.Name).Distinct().Order(StringComparer.Ordinal));
        return Verdict.Ok(string.Create(CultureInfo.InvariantCulture, $"{tensors.Count:N0} tensors in {types}, {ByteSize.Text(tensors.Sum(tensor => tensor.ByteLength))}"));
    }

    private static Verdict Config(ModelCase model)
    {
        var c = model.Config.Model;
        return Verdict.Ok(string.Create(CultureInfo.InvariantCulture, $"{model.Config.Architecture ?? c.Family.ToString()}: {c.NumLayers} layers, hidden {c.HiddenSize:N0}, vocabulary {c.VocabSize:N0}, {c.MaxPositions:N0} positions"));
    }

    private static Verdict Vocabulary(ModelCase model)
    {
        var tokenizer = model.Tokenizer;
        var special = new (string Role, int? Id)[] { ("begin", tokenizer.BosId), ("end", tokenizer.EosId), ("padding", tokenizer.PadId) }.Where(token => token.Id is not null).Select(token => $"{token.Role} {Spelled(tokenizer, token.Id!.Value)}");
        return Verdict.Ok(string.Create(CultureInfo.InvariantCulture, $"{tokenizer.VocabularySize:N0} tokens; {string.Join(", ", special.DefaultIfEmpty("no special tokens are named"))}"));
    }

    private static Verdict? Record(ModelCase model) => model.Record is not { } record
        ? null
        : Verdict.Ok($"reward.json: template {record.TemplateName}, {(record.AppendEos ? "end token appended" : "nothing appended")}, {(record.MaxLength is { } most ? $"at most {most} tokens" : "any length")}, {record.Probes.Count} recorded scores");

    private static Verdict Head(ModelCase model)
    {
        if (!model.HasHead)
            return Verdict.Ok("a language model without a reward head: a reward stage draws a new head from its seed; it cannot score yet");
        var constant = model.Tensors.ScoreConstant;
        return constant == 0 ? Verdict.Ok("there is a reward head, and it is kept when training goes on from it") : Verdict.Warning(
            FormattableString.Invariant($"another trainer's head, read exactly; it adds {constant:G4} to every score. Training, upcycling and most exports have no place for that constant and leave it out: differences between scores stay, thresholds on scores do not"),
            "compare scores by their differences, or measure your threshold anew after training");
    }

    private static Verdict Rows(ModelCase model)
    {
        var (tokens, rows) = (model.Tokenizer.VocabularySize, model.Config.Model.VocabSize);
        if (tokens <= rows)
            return Verdict.Ok(string.Create(CultureInfo.InvariantCulture, $"{rows:N0} embedding rows for {tokens:N0} tokens"));
        var beyond = Enumerable.Range(rows, tokens - rows).First(id => id == tokens - 1 || model.Tokenizer.TokenOf(id) is not null);
        return Verdict.Error(
            string.Create(CultureInfo.InvariantCulture, $"the tokenizer has {tokens:N0} tokens and the embedding {rows:N0} rows (vocab_size in config.json): {Spelled(model.Tokenizer, beyond)} has no row, and the first text with it stops training, or reads foreign memory elsewhere"),
            "resize the embedding where the tokens were added (transformers: resize_token_embeddings), or take the tokenizer that the model was trained with");
    }

    private static Verdict EndToken(ModelCase model)
    {
        var (tokenizer, ends) = (model.Tokenizer, model.Config.Model.EosTokenIds);
        if (ends is not [var first, ..])
        {
            return Verdict.Error(
                "config.json names no eos_token_id: plain formats end every text with the end token, at which the reward is read; without one a finished answer looks like a cut one",
                tokenizer.EosId is { } known ? $"set eos_token_id to {known}, which tokenizer_config.json calls the end token ({tokenizer.TokenOf(known)})" : "set eos_token_id to the token that ended texts in pre-training");
        }
        if (ends.FirstOrDefault(id => id >= model.Config.Model.VocabSize, -1) is var beyond and >= 0)
            return Verdict.Error($"config.json: eos_token_id is {beyond}, and the embedding has {model.Config.Model.VocabSize} rows", "name the id of the token that ends texts");
        if (tokenizer.EosId is { } named && !ends.Contains(named))
        {
            return Verdict.Warning(
                $"config.json ends texts with {Spelled(tokenizer, first)}, tokenizer_config.json with {Spelled(tokenizer, named)}: here the first is appended, in training and in scoring; programs that append the tokenizer's own would score texts that end in another way than those the model was trained on",
                $"make the two agree: eos_token_id {named} in config.json, or eos_token {tokenizer.TokenOf(first)} in tokenizer_config.json");
        }
        return Verdict.Ok($"texts end with {Spelled(tokenizer, first)}{(ends.Count > 1 ? $"; {string.Join(", ", ends.Skip(1).Select(id => Spelled(tokenizer, id)))} end a policy's answers too" : "")}");
    }

    private static Verdict PadToken(ModelCase model)
    {
        var c = model.Config.Model;
        var remedy = PaddingCandidate(model) is { } candidate
            ? $"--set pad_token='{candidate}' where a model is trained from it (in a recipe: pad_token)"
            : "name a token that texts never contain with --set pad_token=... where a model is trained from it (in a recipe: pad_token)";
        if (c.PadTokenId is not { } pad)
        {
            return new Verdict(
                model.Config.IsRewardModel ? Severity.Error : Severity.Warning,
                "config.json names no pad_token_id: transformers and others find the place to read the reward at as the last token that is not padding; a reward model without one is scored one text at a time there, or wrongly",
                remedy);
        }
        if (pad >= c.VocabSize)
            return Verdict.Error($"config.json: pad_token_id is {pad}, and the embedding has {c.VocabSize} rows", remedy);
        if (c.EosTokenIds.Contains(pad))
        {
            return Verdict.Error(
                $"pad_token_id {Spelled(model.Tokenizer, pad)} is an eos_token_id too: transformers reads the reward at the last token that is not padding, so it skips the end token and reads one token early; vLLM and SGLang read at the end token. One model, two scores, and texts with and without an end score alike",
                remedy);
        }
        if (model.Tokenizer.PadId is { } other && other != pad)
        {
            return Verdict.Warning(
                $"config.json pads with {Spelled(model.Tokenizer, pad)}, tokenizer_config.json with {Spelled(model.Tokenizer, other)}: a program that pads with the tokenizer's and looks for config.json's reads the reward at a padding token",
                $"make the two agree: pad_token {model.Tokenizer.TokenOf(pad)} in tokenizer_config.json (ummrm export does so)");
        }
        return Verdict.Ok($"padding is {Spelled(model.Tokenizer, pad)}, apart from what ends texts");
    }
}
