using UmmRm.Weights;
using static TorchSharp.torch;

namespace UmmRm.Training;

/// <summary>
/// A training's state between two updates: the parameters that train in their own type, optimiser moments, and the number of updates done. The order of
/// the data follows from seed and step, so nothing else is needed to continue bit for bit; a trainer that has more to remember gives it as named tensors.
/// </summary>
public static class TrainingSnapshot
{
    private const string FileName = "snapshot.safetensors";
    private const string StepKey = "training.step";

    /// <summary>Whether <paramref name="folder"/> holds a snapshot.</summary>
    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <summary>Writes the snapshot, replacing an older one only when it is complete.</summary>
    internal static void Save(string folder, nn.Module model, AdamW optimizer, long step, params IEnumerable<(string Name, Tensor Tensor)> more)
    {
        Directory.CreateDirectory(folder);
        using var done = tensor(step);
        Safetensors.Write(Path.Combine(folder, FileName), Tensors(model, optimizer).Append((StepKey, done)).Concat(more).Select(t => KeyValuePair.Create(t.Item1, t.Item2)));
    }

    /// <summary>Reads a snapshot into the model and its optimiser; returns the number of updates done.</summary>
    /// <exception cref="InvalidDataException">The snapshot is of another model.</exception>
    internal static long Restore(string folder, nn.Module model, AdamW optimizer, params IEnumerable<(string Name, Tensor Tensor)> more)
    {
        using var file = SafetensorsFile.Open(Path.Combine(folder, FileName));
        using var _ = no_grad();
        using var step = file.ReadTensor(StepKey);
        foreach (var (name, target) in Tensors(model, optimizer).Concat(more))
            file.ReadInto(name, target);
        return step.item<long>();
    }

    private static IEnumerable<(string, Tensor)> Tensors(nn.Module model, AdamW optimizer) =>
        model.named_parameters().Where(p => p.parameter.requires_grad).Select(p => ($"model.{p.name}", (Tensor)p.parameter)).Concat(optimizer.State.Select(s => ($"optimizer.{s.Name}", s.Tensor)));
}
