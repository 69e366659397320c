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
    public int PadId => Config.Model.PadTokenId ?? 0;

    /// <summary>Opens a folder; weights are not read yet.</summary>
    /// <exception cref="FileNotFoundException">A file is missing; the message names it.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or not supported.</exception>
    public static ModelFolder Open(string path) => new(path);

    /// <summary>How texts become ids for this model.</summary>
    /// <param name="template">A template's name or file; null for the one that the folder records, else raw.</param>
    /// <param name="maxLength">Most tokens of a text; null for the limit that the folder records, else the model's positions.</param>
    /// <param name="overLength">What is done with longer texts.</param>
    public SequenceEncoder Encoder(string? template = null, int? maxLength = null, OverLength overLength = OverLength.Drop)
    {
        var limit = Math.Min(maxLength ?? Metadata?.MaxLength ?? Config.Model.MaxPositions, Config.Model.MaxPositions);
        return new SequenceEncoder(Tokenizer, PromptTemplate.Resolve(template, Path), EndId, limit, overLength);
    }

    /// <summary>The folder's language model.</summary>
    public CausalLM LoadLanguageModel(Precision precision = Precision.Float32)
    {
        if (Config.IsRewardModel)
            throw new InvalidDataException($"{Path} holds a reward model ({Config.Architecture}); a language model is needed here");
        var model = new CausalLM(Config.Model, precision);
        Checkpoint.LoadParameters(Path, model);
        return model;
    }

    /// <summary>The folder's reward model, dense or mixture; a language model gets a new head where a seed for it is given.</summary>
    /// <param name="precision">Number format.</param>
    /// <param name="newHeadSeed">Seed of a new head for a language model's folder; null refuses such a folder.</param>
    public RewardModel LoadRewardModel(Precision precision = Precision.Float32, long? newHeadSeed = null)
    {
        var model = new RewardModel(Config.Model, precision);
        Checkpoint.LoadParameters(Path, model, newHeadSeed);
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
        return new ModelReward(name, model, encoder ?? Encoder(), PadId, tokenBudget, ownsModel: true);
    }
}
