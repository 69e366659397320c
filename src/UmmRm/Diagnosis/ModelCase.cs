using UmmRm.Recipes;
using UmmRm.Tokenization;
using UmmRm.Weights;

namespace UmmRm.Diagnosis;

/// <summary>A model's folder, opened part by part: a part that cannot be opened throws the same exception each time it is asked for.</summary>
internal sealed class ModelCase : IDisposable
{
    private readonly Lazy<CheckpointTensors> _stored;
    private readonly Lazy<HuggingFaceConfig> _config;
    private readonly Lazy<Tokenizer> _tokenizer;
    private readonly Lazy<RewardMetadata?> _record;
    private readonly Lazy<ModelTensors> _tensors;
    private readonly Lazy<bool> _hasHead;
    private readonly Lazy<ModelFolder> _folder;

    public ModelCase(string path)
    {
        Path = path;
        var there = new Lazy<string>(() => Directory.Exists(path) ? path : throw new FileNotFoundException($"there is no model folder '{path}'"));
        _stored = new(() => CheckpointTensors.Open(there.Value));
        _config = new(() => HuggingFaceConfig.Read(there.Value));
        _tokenizer = new(() => Tokenizer.Load(there.Value));
        _record = new(() => RewardMetadata.Read(there.Value));
        _tensors = new(() =>
        {
            _ = (Stored, Config); // what they throw, this throws
            return ModelTensors.Open(path);
        });
        _hasHead = new(FindHead);
        _folder = new(() =>
        {
            _ = (Config, Tokenizer, Record);
            return ModelFolder.Open(path);
        });
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The weights as they lie on the disk.</summary>
    public CheckpointTensors Stored => _stored.Value;

    /// <summary>config.json.</summary>
    public HuggingFaceConfig Config => _config.Value;

    /// <summary>The tokenizer.</summary>
    public Tokenizer Tokenizer => _tokenizer.Value;

    /// <summary>reward.json, or null.</summary>
    public RewardMetadata? Record => _record.Value;

    /// <summary>The weights under the names that the library computes with.</summary>
    public ModelTensors Tensors => _tensors.Value;

    /// <summary>Whether there is a reward head; a reward model without one is an error.</summary>
    public bool HasHead => _hasHead.Value;

    /// <summary>The folder as training and scoring open it.</summary>
    public ModelFolder Folder => _folder.Value;

    public void Dispose()
    {
        if (_tensors.IsValueCreated)
            _tensors.Value.Dispose();
        if (_stored.IsValueCreated)
            _stored.Value.Dispose();
    }

    private bool FindHead()
    {
        if (Tensors.Find(RewardHead.Name) is not null)
            return true;
        return !Config.IsRewardModel ? false : throw new InvalidDataException(
            $"{Path}/config.json says {Config.Architecture}, and the weights have no {RewardHead.Name}: other programs fill a missing head with random numbers and go on, and every score is then noise");
    }
}
