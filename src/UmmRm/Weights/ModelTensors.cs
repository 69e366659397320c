using UmmRm.Models;

namespace UmmRm.Weights;

/// <summary>
/// A model folder's tensors under the names that this library computes with, whoever wrote them: reward heads of other trainers become <c>score.weight</c> and a
/// constant, mixtures in Qwen2-MoE's words become ours. A folder of our own form, and a language model's, is passed through as it is.
/// </summary>
public sealed class ModelTensors : ITensorSource, IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private readonly ModelConfig? _model;
    private ITensorSource _tensors;

    private ModelTensors(string folder, ModelConfig? model)
    {
        (Folder, _model) = (folder, model);
        _tensors = Owned(CheckpointTensors.Open(folder));
    }

    /// <summary>The folder that was opened.</summary>
    public string Folder { get; }

    /// <summary>What belongs to every score beside head times hidden state: a foreign head's bias, normalised as its trainer does; 0 for a head of ours.</summary>
    public double ScoreConstant { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyCollection<TensorInfo> Tensors => _tensors.Tensors;

    /// <summary>Opens a folder's weights; data are read later.</summary>
    /// <exception cref="FileNotFoundException">There is no such folder, or a file of it is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or a head or mixture is of a form that is not supported.</exception>
    public static ModelTensors Open(string folder)
    {
        var config = File.Exists(Path.Combine(folder, "config.json")) ? HuggingFaceConfig.Read(folder) : null;
        var opened = new ModelTensors(folder, config?.Model);
        try
        {
            if (config is not null)
                opened.Adopt(config);
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The same model without its constant, for writing: what a final norm with a shift can hold is moved there, b + c w / |w|^2. A norm without one (RMSNorm) cannot, and
    /// the constant is then left out, which changes no difference between two scores.
    /// </summary>
    /// <param name="dropped">The constant that had to be left out; 0 when nothing was lost.</param>
    public ITensorSource WithoutConstant(out double dropped)
    {
        const string shift = "gpt_neox.final_layer_norm.bias";
        dropped = ScoreConstant;
        if (ScoreConstant == 0 || Find(shift) is not { } info || Find(RewardHead.Name) is null || _model?.MeanPooling == true)
            return this;
        var (head, bias) = (RewardHead.ReadFloats(this, RewardHead.Name), RewardHead.ReadFloats(this, shift));
        var length = head.Sum(value => (double)value * value);
        if (length == 0)
            return this;
        dropped = 0;
        var folded = new ComputedTensors();
        foreach (var other in Tensors.Where(other => other.Name != shift))
            folded.AddCopy(this, other);
        folded.AddValues(info with { Type = TensorType.F32 }, [.. bias.Zip(head, (b, w) => (float)(b + (ScoreConstant * w / length)))]);
        return folded;
    }

    /// <inheritdoc/>
    public TensorInfo? Find(string name) => _tensors.Find(name);

    /// <inheritdoc/>
    public void Read(string name, long offset, Span<byte> destination)
    {
        if (_tensors.Find(name) is null)
            throw new InvalidDataException($"{Folder}: there is no tensor '{name}' in this checkpoint");
        _tensors.Read(name, offset, destination);
    }

    /// <inheritdoc/>
    public void Dispose() => _owned.ForEach(item => item.Dispose());

    private T Owned<T>(T item)
        where T : IDisposable
    {
        _owned.Add(item);
        return item;
    }

    private void Adopt(HuggingFaceConfig config)
    {
        if (config.IsQwenMixture)
            _tensors = QwenMixture.Read(_tensors, config.Model);
        var aside = Path.Combine(Folder, ForeignHead.SideFile);
        var heads = _tensors.Find(RewardHead.Name) is null && ForeignHead.Find(_tensors) is null && File.Exists(aside) ? Owned(SafetensorsFile.Open(aside)) : _tensors;
        if (ForeignHead.Find(heads) is { } head)
            (_tensors, ScoreConstant) = head.Adopt(_tensors, heads, config, Folder);
        else if (heads != _tensors)
            throw new InvalidDataException($"{aside} holds {string.Join(", ", heads.Tensors.Select(info => info.Name).Take(5))}; expected a value head: v_head.summary.weight and v_head.summary.bias");
        else if (config.ScoreNormalisation(foreignHead: false) is { } scale && _tensors.Find(RewardHead.Name) is not null)
            (_tensors, ScoreConstant) = new ForeignHead(RewardHead.Name, null, "OpenRLHF").Adopt(_tensors, _tensors, config, Folder, scale);
    }
}
