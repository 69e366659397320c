using System.Buffers.Binary;
using System.Text.Json;
using static TorchSharp.torch;

namespace UmmRm.Tests;

/// <summary>Reads the reference tensors without the product's own reader, so that neither can hide the other's mistakes.</summary>
internal sealed class GoldenTensors : IDisposable
{
    private readonly Dictionary<string, Tensor> _tensors = [];

    public GoldenTensors(params string[] path)
    {
        var bytes = File.ReadAllBytes(Repository.Golden(path));
        var header = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        using var json = JsonDocument.Parse(bytes.AsMemory(8, header));
        foreach (var entry in json.RootElement.EnumerateObject().Where(e => e.Name != "__metadata__"))
        {
            var type = entry.Value.GetProperty("dtype").GetString() switch
            {
                "F32" => ScalarType.Float32,
                "I64" => ScalarType.Int64,
                "BF16" => ScalarType.BFloat16,
                "F16" => ScalarType.Float16,
                var other => throw new InvalidDataException(other),
            };
            var shape = entry.Value.GetProperty("shape").EnumerateArray().Select(e => e.GetInt64()).ToArray();
            var offsets = entry.Value.GetProperty("data_offsets").EnumerateArray().Select(e => e.GetInt32()).ToArray();
            var tensor = empty(shape, dtype: type);
            bytes.AsSpan(8 + header + offsets[0], offsets[1] - offsets[0]).CopyTo(tensor.bytes);
            _tensors[entry.Name] = tensor;
        }
    }

    public IEnumerable<string> Names => _tensors.Keys;

    public Tensor this[string name] => _tensors.TryGetValue(name, out var tensor) ? tensor : throw new KeyNotFoundException(name);

    public bool Has(string name) => _tensors.ContainsKey(name);

    public void Dispose()
    {
        foreach (var tensor in _tensors.Values)
            tensor.Dispose();
    }
}
