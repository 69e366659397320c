using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace UmmRm.Weights;

/// <summary>The JSON header of a safetensors file: which tensor lies where.</summary>
/// <remarks>The rules are the format's (https://github.com/huggingface/safetensors): names are unique, data are contiguous in the order of their offsets and end where the file ends.</remarks>
internal sealed class SafetensorsHeader
{
    /// <summary>The format's limit for the header, in bytes.</summary>
    public const int MaxLength = 100_000_000;

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A tensor and where its data begin, in bytes from the end of the header.</summary>
    public readonly record struct Entry(TensorInfo Info, long Begin);

    /// <summary>The tensors in the order of their data.</summary>
    public required IReadOnlyList<Entry> Entries { get; init; }

    /// <summary>The free texts under <c>__metadata__</c>.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary>Reads a header and checks it against the length of the data that follow it.</summary>
    /// <exception cref="InvalidDataException">A rule of the format is broken; the message names the tensor and the rule, not the file.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataLength)
    {
        if (!Utf8.IsValid(json))
            throw new InvalidDataException("its header is not valid UTF-8");
        if (json.Length == 0 || json[0] != '{')
            throw new InvalidDataException("its header does not begin with '{': this is not a safetensors file");
        try
        {
            var reader = new Utf8JsonReader(json);
            var (entries, metadata) = ReadObject(ref reader);
            if (reader.Read())
                throw new InvalidDataException("its header goes on after the closing brace");
            return new SafetensorsHeader { Entries = InOrder(entries, dataLength), Metadata = metadata };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter: an escape that is half a surrogate pair
        {
            throw new InvalidDataException($"its header is not valid JSON: {e.Message}", e);
        }
    }

    /// <summary>A header for these tensors, in this order, without gaps.</summary>
    public static SafetensorsHeader For(IEnumerable<TensorInfo> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var begin = 0L;
        var entries = new List<Entry>();
        foreach (var info in tensors)
        {
            entries.Add(new Entry(info, begin));
            begin = checked(begin + info.ByteLength);
        }
        return new SafetensorsHeader { Entries = entries, Metadata = metadata };
    }

    /// <summary>The file's beginning: the header's length as 8 bytes, then the header, padded with spaces to a multiple of 8.</summary>
    public byte[] ToBytes()
    {
        using var buffer = new MemoryStream();
        buffer.Write(stackalloc byte[8]);
        using (var writer = new Utf8JsonWriter(buffer, Compact))
            Write(writer);
        while (buffer.Length % 8 != 0)
            buffer.WriteByte((byte)' ');
        var bytes = buffer.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(bytes, bytes.Length - 8);
        if (bytes.Length - 8 > MaxLength)
            throw new ArgumentException($"{Entries.Count} tensors need a header of {bytes.Length - 8} bytes; safetensors allows {MaxLength}: write smaller shards");
        return bytes;
    }

    private void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        if (Metadata.Count > 0)
        {
            writer.WriteStartObject("__metadata__");
            foreach (var (key, value) in Metadata)
                writer.WriteString(key, value);
            writer.WriteEndObject();
        }
        foreach (var (info, begin) in Entries)
        {
            writer.WriteStartObject(info.Name);
            writer.WriteString("dtype", info.Type.Name);
            writer.WriteStartArray("shape");
            foreach (var size in info.Shape)
                writer.WriteNumberValue(size);
            writer.WriteEndArray();
            writer.WriteStartArray("data_offsets");
            writer.WriteNumberValue(begin);
            writer.WriteNumberValue(begin + info.ByteLength);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    /// <summary>Sorts by offset and makes sure that the data have no hole, no overlap and no end but the file's.</summary>
    private static List<Entry> InOrder(List<(TensorInfo Info, long Begin, long End)> found, long dataLength)
    {
        var end = 0L;
        var entries = new List<Entry>(found.Count);
        foreach (var (info, begin, stop) in found.OrderBy(tensor => (tensor.Begin, tensor.End)))
        {
            if (begin != end)
                throw new InvalidDataException($"the data of tensor '{info.Name}' begin at byte {begin}, but the tensor before it ends at byte {end}: data must neither overlap nor leave a hole");
            entries.Add(new Entry(info, begin));
            end = stop;
        }
        if (end != dataLength)
            throw new InvalidDataException($"its tensors end at byte {end} of the data, but the file holds {dataLength} bytes of data: it is cut or has bytes that belong to no tensor");
        return entries;
    }

    private static (List<(TensorInfo, long, long)> Entries, Dictionary<string, string> Metadata) ReadObject(ref Utf8JsonReader reader)
    {
        var entries = new List<(TensorInfo, long, long)>();
        var metadata = new Dictionary<string, string>();
        var names = new HashSet<string>();
        Expect(ref reader, JsonTokenType.StartObject, "the header");
        while (NextKey(ref reader, names, "the header") is { } name)
        {
            if (name == "__metadata__")
                metadata = ReadMetadata(ref reader);
            else
                entries.Add(ReadEntry(ref reader, name));
        }
        return (entries, metadata);
    }

    private static Dictionary<string, string> ReadMetadata(ref Utf8JsonReader reader)
    {
        var metadata = new Dictionary<string, string>();
        var keys = new HashSet<string>();
        Expect(ref reader, JsonTokenType.StartObject, "__metadata__");
        while (NextKey(ref reader, keys, "__metadata__") is { } key)
        {
            Expect(ref reader, JsonTokenType.String, $"__metadata__.{key}");
            metadata[key] = reader.GetString()!;
        }
        return metadata;
    }

    private static (TensorInfo Info, long Begin, long End) ReadEntry(ref Utf8JsonReader reader, string name)
    {
        string? type = null;
        List<long>? shape = null, offsets = null;
        var keys = new HashSet<string>();
        Expect(ref reader, JsonTokenType.StartObject, $"tensor '{name}'");
        while (NextKey(ref reader, keys, $"tensor '{name}'") is { } key)
        {
            if (key == "dtype")
            {
                Expect(ref reader, JsonTokenType.String, $"dtype of tensor '{name}'");
                type = reader.GetString();
            }
            else if (key == "shape")
                shape = ReadNumbers(ref reader, $"shape of tensor '{name}'");
            else if (key == "data_offsets")
                offsets = ReadNumbers(ref reader, $"data_offsets of tensor '{name}'");
            else
                reader.Skip();
        }
        if (type is null || shape is null || offsets is null)
            throw new InvalidDataException($"tensor '{name}' has no {(type is null ? "dtype" : shape is null ? "shape" : "data_offsets")}");
        return Checked(name, type, shape, offsets);
    }

    private static (TensorInfo Info, long Begin, long End) Checked(string name, string type, List<long> shape, List<long> offsets)
    {
        var known = TensorType.Named(type) ?? throw new InvalidDataException($"tensor '{name}' has the unknown dtype '{type}'");
        if (offsets.Count != 2 || offsets[1] < offsets[0])
            throw new InvalidDataException($"data_offsets of tensor '{name}' are [{string.Join(", ", offsets)}]; expected a begin and an end that is not before it");
        var info = new TensorInfo(name, known, shape);
        try
        {
            if (info.Elements * known.Bits % 8 == 0 && info.ByteLength == offsets[1] - offsets[0])
                return (info, offsets[0], offsets[1]);
        }
        catch (OverflowException)
        {
            throw new InvalidDataException($"the shape [{string.Join(", ", shape)}] of tensor '{name}' has more elements than can be counted");
        }
        throw new InvalidDataException($"tensor '{name}' is {info.Form}, but its data_offsets give it {offsets[1] - offsets[0]} bytes");
    }

    private static List<long> ReadNumbers(ref Utf8JsonReader reader, string what)
    {
        var numbers = new List<long>();
        Expect(ref reader, JsonTokenType.StartArray, what);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < 0)
                throw new InvalidDataException($"{what} holds something other than a whole number from 0 on");
            numbers.Add(number);
        }
        return numbers;
    }

    /// <summary>The next key of the object being read, or null at its end.</summary>
    private static string? NextKey(ref Utf8JsonReader reader, HashSet<string> seen, string where)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.EndObject)
            return null;
        var key = reader.GetString()!;
        return seen.Add(key) ? key : throw new InvalidDataException($"{where} has the key '{key}' twice");
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type, string what)
    {
        if (!reader.Read() || reader.TokenType != type)
            throw new InvalidDataException($"{what} must be a JSON {type switch { JsonTokenType.StartObject => "object", JsonTokenType.StartArray => "list", _ => "string" }}");
    }
}
