namespace UmmRm.Weights;

/// <summary>A reward head that another trainer writes: a weight [1, d] and perhaps a bias [1]; score = (weight h + bias - mean) / sd.</summary>
/// <param name="Weight">The weight's name.</param>
/// <param name="Bias">The bias's name, or null where there is never one.</param>
/// <param name="Trainer">Who writes it.</param>
internal sealed record ForeignHead(string Weight, string? Bias, string Trainer)
{
    /// <summary>LLaMA-Factory's file beside a language model's weights, with the head in it.</summary>
    public const string SideFile = "value_head.safetensors";

    private static readonly ForeignHead[] Known =
    [
        new("score.weight", "score.bias", "older TRL"),
        new("out_proj.weight", "out_proj.bias", "OpenAssistant"),
        new("value_head.weight", "value_head.bias", "OpenRLHF"),
        new("v_head.summary.weight", "v_head.summary.bias", "LLaMA-Factory and TRL"),
    ];

    /// <summary>The head that a checkpoint has in place of a plain <c>score.weight</c>, or null.</summary>
    public static ForeignHead? Find(ITensorSource source) =>
        Known.FirstOrDefault(head => source.Find(head.Weight) is not null && (head.Weight != RewardHead.Name || source.Find(head.Bias!) is not null));

    /// <summary>The model's tensors with this head as <c>score.weight</c>, and the constant that belongs to every score.</summary>
    /// <param name="model">The model's tensors.</param>
    /// <param name="heads">Where the head is: the same, or a file beside them.</param>
    /// <param name="config">The model's config.json.</param>
    /// <param name="folder">What messages call it.</param>
    /// <param name="scale">Normalisation of the scores; null takes what config.json says.</param>
    /// <exception cref="InvalidDataException">The head has another shape.</exception>
    public (ITensorSource Tensors, double Constant) Adopt(ITensorSource model, ITensorSource heads, HuggingFaceConfig config, string folder, (double Mean, double Sd)? scale = null)
    {
        var (mean, sd) = scale ?? config.ScoreNormalisation(foreignHead: Weight != RewardHead.Name) ?? (0, 1);
        var width = config.Model.HiddenSize;
        var weight = heads.Find(Weight)!;
        if (!weight.Shape.SequenceEqual([1, width]))
            throw Misshapen(weight, $"[1, {width}]: one score");
        var bias = 0.0;
        if (Bias is not null && heads.Find(Bias) is { } info)
            bias = info.Elements == 1 ? RewardHead.ReadFloats(heads, Bias)[0] : throw Misshapen(info, "[1]: one score");
        var output = new ComputedTensors();
        foreach (var other in model.Tensors.Where(other => other.Name != Weight && other.Name != Bias))
            output.AddCopy(model, other);
        if (sd == 1)
            output.AddCopy(heads, weight, RewardHead.Name);
        else
            output.AddValues(new TensorInfo(RewardHead.Name, TensorType.F32, weight.Shape), [.. RewardHead.ReadFloats(heads, Weight).Select(value => (float)(value / sd))]);
        return (output, (bias - mean) / sd);

        InvalidDataException Misshapen(TensorInfo found, string expected) => new($"{folder}: {found.Name} (the head of {Trainer}) is {found.Form}; expected {expected}");
    }
}
