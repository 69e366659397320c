using System.Globalization;
using UmmRm.Data;
using UmmRm.Models;
using UmmRm.Rewards;
using UmmRm.Runtime;
using UmmRm.Tokenization;
using UmmRm.Weights;

namespace UmmRm.Recipes;

/// <summary>
/// A model folder with what reading texts takes: its tokenizer, its template, its end and padding tokens and its length limit, all from the
/// folder's own files unless said otherwise. Training, evaluation, sampling and serving read texts through this.
/// </summary>
public sealed class ModelFolder
{
    private ModelFolder(string path)
    {
        Path = path;
        Config = HuggingFaceConfig.Read(path);
        Tokenizer = Tokenizer.Load(path);
        Metadata = RewardMetadata.Read(path);
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Its config.json.</summary>
    public HuggingFaceConfig Config { get; }

    /// <summary>Its tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>Its reward.json, or null.</summary>
    public RewardMetadata? Metadata { get; }

    /// <summary>The token that ends a text, or null.</summary>
    public int? EndId => Config.Model.EosTokenIds is [var first, ..] ? first : null;

    /// <summary>The id that fills rows up; real tokens never see it, so any id does where the folder names none.</summary>
    public int PadId => Config.Model.PadTokenId is { } pad && pad < Config.Model.VocabSize ? pad : 0;

    /// <summary>Whether the padding token ends texts too. transformers then reads the reward before the end token, and so is it read here.</summary>
    public bool PadEndsTexts => Config.Model.PadTokenId is { } pad && Config.Model.EosTokenIds.Contains(pad);

    /// <summary>Opens a folder; weights are not read yet.</summary>
    /// <exception cref="FileNotFoundException">A file is missing; the message names it.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or not supported.</exception>
    public static ModelFolder Open(string path) => new(path);

    /// <summary>How texts become ids for this model.</summary>
    /// <param name="template">A template's name or file; null for the one that the folder records, else its chat template, else raw.</param>
    /// <param name="maxLength">Most tokens of a text; null for the limit that the folder records, else the model's positions.</param>
    /// <param name="overLength">What is done with longer texts.</param>
    public SequenceEncoder Encoder(string? template = null, int? maxLength = null, OverLength overLength = OverLength.Drop)
    {
        if (EndId >= Config.Model.VocabSize)
            throw new InvalidDataException($"{Path}/config.json: eos_token_id is {EndId}, but the vocabulary has {Config.Model.VocabSize} rows; name the id of the token that ends texts");
        var limit = Math.Min(maxLength ?? Metadata?.MaxLength ?? Config.Model.MaxPositions, Config.Model.MaxPositions);
        var format = PromptTemplate.Resolve(template, Path);
        return new SequenceEncoder(Tokenizer, format, format is ChatPromptTemplate chat ? EndOf(chat) ?? EndId : EndId, limit, overLength);
    }

    /// <summary>The tokens at which a policy's response is over: the one that the template ends a turn with, and those that config.json names.</summary>
    /// <param name="encoder">One that <see cref="Encoder"/> made.</param>
    public IReadOnlyList<int> EndIds(SequenceEncoder encoder) => encoder.EndId is { } end ? [.. Config.Model.EosTokenIds.Prepend(end).Distinct()] : Config.Model.EosTokenIds;

    /// <summary>The special token that a chat template ends the assistant's turn with, such as &lt;|im_end|&gt;; null where it writes none.</summary>
    private int? EndOf(ChatPromptTemplate chat) => Tokenizer.Encode(chat.EndingOf(Conversation.FromPrompt("Hi")), addSpecialTokens: false) is [var first, ..] && Tokenizer.IsSpecial(first) ? first : null;

    /// <summary>The folder's language model.</summary>
    public CausalLM LoadLanguageModel(Precision precision = Precision.Float32)
    {
        if (Config.IsRewardModel)
            throw new InvalidDataException($"{Path} holds a reward model ({Config.Architecture}); a language model is needed here");
        RequireSize(rewardHead: false);
        var model = new CausalLM(Config.Model, precision);
        Checkpoint.LoadParameters(Path, model);
        return model;
    }

    /// <summary>The folder's reward model, dense or mixture; a language model gets a new head where a seed for it is given.</summary>
    /// <param name="precision">Number format.</param>
    /// <param name="newHeadSeed">Seed of a new head for a language model's folder; null refuses such a folder.</param>
    public RewardModel LoadRewardModel(Precision precision = Precision.Float32, long? newHeadSeed = null)
    {
        RequireSize(rewardHead: true);
        var model = new RewardModel(Config.Model, precision);
        model.Constant = Checkpoint.LoadParameters(Path, model, newHeadSeed).ScoreConstant;
        return model;
    }

    /// <summary>The folder's reward model as a reward function, which owns it.</summary>
    /// <param name="name">For logs and reports.</param>
    /// <param name="encoder">How texts become ids; null for <see cref="Encoder"/>'s default.</param>
    /// <param name="precision">Number format.</param>
    /// <param name="tokenBudget">Most tokens of one forward pass.</param>
    public ModelReward LoadReward(string name, SequenceEncoder? encoder = null, Precision precision = Precision.Float32, int tokenBudget = 8192)
    {
        var model = LoadRewardModel(precision);
        model.eval();
        return new ModelReward(name, model, encoder ?? Encoder(), PadId, tokenBudget, ownsModel: true) { ReadsBeforeTrailing = PadEndsTexts ? PadId : null };
    }

    /// <summary>Refuses a config.json that describes far more than the weights hold, before memory is asked for it.</summary>
    private void RequireSize(bool rewardHead)
    {
        using var weights = ModelTensors.Open(Path);
        var (described, stored) = (ParameterCount.Of(Config.Model, rewardHead).Total, weights.Tensors.Sum(tensor => tensor.Elements));
        if (described < 0 || described / 2 > stored) // a tied or missing head makes less of a difference; below zero is beyond counting
            throw new InvalidDataException(FormattableString.Invariant($"{Path}/config.json describes a model of {(described < 0 ? "more than 2^63" : described.ToString("N0", CultureInfo.InvariantCulture))} parameters, and the weights hold {stored:N0}: the checkpoint does not belong to this config.json, or is damaged"));
    }
}
