using UmmRm.Models;

namespace UmmRm.Weights;

/// <summary>How a mixture was merged: <c>merge.json</c>, beside the merged weights.</summary>
public sealed record MergeRecord
{
    private const string FileName = "merge.json";

    /// <summary><c>uniform</c>, <c>expected-gate</c>, <c>learned</c>, or <c>given</c> for coefficients from a file.</summary>
    public required string Method { get; init; }

    /// <summary>beta: for each layer, the share of each routed expert; non-negative, a layer's sum to 1.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> Coefficients { get; init; }

    /// <summary>For learned coefficients: those that the learning started from.</summary>
    public IReadOnlyList<IReadOnlyList<double>>? Start { get; init; }

    /// <summary>For learned coefficients: the merged model's loss on the calibration pairs at the start, in nats.</summary>
    public double? LossBefore { get; init; }

    /// <summary>The same after the last step.</summary>
    public double? LossAfter { get; init; }

    /// <summary>For each layer, sum_i |beta_i - start_i|: how far learning moved, from 0 to 2; null when nothing was learned.</summary>
    public IReadOnlyList<double>? L1FromStart => Start is null ? null : [.. Coefficients.Zip(Start, Distance)];

    /// <summary>For each layer, sum_i |beta_i - 1 / (N - 1)|, from 0 to 2.</summary>
    public IReadOnlyList<double> L1FromUniform => [.. Coefficients.Select(beta => beta.Sum(share => Math.Abs(share - (1.0 / beta.Count))))];

    /// <summary>The merge that gives every routed expert the same share.</summary>
    /// <exception cref="ArgumentException">The model is no mixture.</exception>
    public static MergeRecord Uniform(ModelConfig mixture)
    {
        var routed = (mixture.Moe ?? throw new ArgumentException("this model is no mixture of experts: there is nothing to merge; name the folder that upcycle or training on it made")).RoutedExperts;
        return new MergeRecord { Method = "uniform", Coefficients = [.. Enumerable.Repeat(Enumerable.Repeat(1.0 / routed, routed).ToArray(), mixture.NumLayers)] };
    }

    /// <summary>Reads a folder's record, or null when it has none.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static MergeRecord? Read(string folder) => JsonText.ReadRecord<MergeRecord>(Path.Combine(folder, FileName));

    /// <summary>Reads a record under any name: coefficients that somebody else wrote.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static MergeRecord ReadFile(string path) => JsonText.ReadRecord<MergeRecord>(path) ?? throw new FileNotFoundException($"there is no file {path} with merge coefficients", path);

    /// <summary>Writes the record into a folder, whole or not at all.</summary>
    public void Write(string folder) => JsonText.WriteRecord(Path.Combine(folder, FileName), this);

    /// <summary>Throws unless there are coefficients for every layer and routed expert that are shares of 1.</summary>
    /// <exception cref="ArgumentException">The message names the layer and the value.</exception>
    public void Validate(ModelConfig mixture)
    {
        var routed = mixture.Moe!.RoutedExperts;
        if (Coefficients.Count != mixture.NumLayers)
            throw new ArgumentException($"there are coefficients for {Coefficients.Count} layers; the mixture has {mixture.NumLayers}");
        for (var layer = 0; layer < Coefficients.Count; layer++)
        {
            var beta = Coefficients[layer];
            if (beta.Count != routed)
                throw new ArgumentException($"layer {layer} has {beta.Count} coefficients; the mixture has {routed} routed experts (the shared one has alpha)");
            if (beta.Any(share => !(share >= 0)))
                throw new ArgumentException($"layer {layer} has the coefficient {beta.First(share => !(share >= 0))}; shares must not be negative");
            if (!(Math.Abs(beta.Sum() - 1) <= 1e-4))
                throw new ArgumentException($"the coefficients of layer {layer} sum to {beta.Sum()}; expected 1");
        }
    }

    private static double Distance(IReadOnlyList<double> a, IReadOnlyList<double> b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Sum();
}
