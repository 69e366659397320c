using System.Globalization;
using System.Text.Json.Nodes;
using Parquet.Data;
using Parquet.Schema;

namespace UmmRm.Data;

/// <summary>
/// A column of a row group, put together from its leaves: each leaf is a list of values with repetition levels (at which list a value
/// begins a new element; 0 begins a row) and definition levels (how deep the value's path is not null).
/// </summary>
internal sealed class ParquetColumn : IDisposable
{
    private readonly Field _field;
    private readonly Dictionary<DataField, Leaf> _leaves;

    /// <summary>Reads the leaves of a top-level field.</summary>
    /// <param name="field">The field: a value, a struct or a list of those.</param>
    /// <param name="read">Reads one leaf.</param>
    public ParquetColumn(Field field, Func<DataField, RawColumnData> read)
    {
        _field = field;
        _leaves = new Dictionary<DataField, Leaf>(ReferenceEqualityComparer.Instance);
        foreach (var leaf in LeavesOf(field))
            _leaves.Add(leaf, new Leaf(leaf, read(leaf)));
    }

    /// <summary>The value of the next row.</summary>
    /// <exception cref="InvalidDataException">The levels contradict each other or end too early.</exception>
    public JsonNode? Next() => Assemble(_field);

    private JsonNode? Assemble(Field field) => field switch
    {
        DataField { IsArray: true } leaf => Repeated(leaf, leaf.MaxRepetitionLevel, () => _leaves[leaf].Take()),
        DataField leaf => _leaves[leaf].Take(),
        ListField list => Repeated(list, list.MaxRepetitionLevel, () => Assemble(list.Item)),
        StructField fields => IsAbsent(fields) ? Skip(fields) : new JsonObject(fields.Fields.Select(child => KeyValuePair.Create(child.Name, Assemble(child)))),
        _ => throw new InvalidDataException($"it holds a {field.SchemaType}; texts, numbers, structs and lists of them are read"),
    };

    private JsonArray? Repeated(Field list, int level, Func<JsonNode?> element)
    {
        var first = FirstLeaf(list);
        if (IsAbsent(list))
        {
            var isNull = list.IsNullable && first.Definition < list.MaxDefinitionLevel - 1;
            Skip(list);
            return isNull ? null : new JsonArray();
        }
        var elements = new JsonArray();
        do
            elements.Add(element());
        while (first.Repetition == level);
        return elements;
    }

    private bool IsAbsent(Field field) => FirstLeaf(field).Definition < field.MaxDefinitionLevel;

    private JsonNode? Skip(Field field)
    {
        foreach (var leaf in LeavesOf(field))
            _leaves[leaf].Take();
        return null;
    }

    private Leaf FirstLeaf(Field field) => _leaves[LeavesOf(field).First()];

    private static IEnumerable<DataField> LeavesOf(Field field) => field switch
    {
        DataField leaf => [leaf],
        ListField list => LeavesOf(list.Item),
        StructField fields => fields.Fields.SelectMany(LeavesOf),
        _ => throw new InvalidDataException($"it holds a {field.SchemaType}; texts, numbers, structs and lists of them are read"),
    };

    public void Dispose()
    {
        foreach (var leaf in _leaves.Values)
            leaf.Dispose();
    }

    /// <summary>One leaf, read from front to back.</summary>
    private sealed class Leaf(DataField column, RawColumnData raw) : IDisposable
    {
        private readonly int[]? _definition = column.MaxDefinitionLevel > 0 ? raw.DefinitionLevels.ToArray() : null;
        private readonly int[]? _repetition = column.MaxRepetitionLevel > 0 ? raw.RepetitionLevels.ToArray() : null;
        private readonly Func<int, JsonNode?> _valueAt = Values(raw);
        private int _entry;
        private int _value;

        /// <summary>How deep the next entry is defined.</summary>
        public int Definition => _definition is null ? 0 : _entry < _definition.Length ? _definition[_entry] : throw new InvalidDataException($"{column.Path} ends before its row group does");

        /// <summary>At which list the next entry begins an element; 0 at a new row and at the end.</summary>
        public int Repetition => _repetition is not null && _entry < _repetition.Length ? _repetition[_entry] : 0;

        /// <summary>The next entry: its value, or null.</summary>
        public JsonNode? Take()
        {
            var isThere = Definition == column.MaxDefinitionLevel;
            _entry++;
            return isThere ? _valueAt(_value++) : null;
        }

        public void Dispose() => raw.Dispose();

        private static JsonValue? Real(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null; // JSON has no NaN

        private static Func<int, JsonNode?> Values(RawColumnData raw) => raw switch
        {
            RawColumnData<ReadOnlyMemory<char>> c => i => JsonValue.Create(c.Values[i].ToString()),
            RawColumnData<double> c => i => Real(c.Values[i]),
            RawColumnData<float> c => i => Real(c.Values[i]),
            RawColumnData<long> c => i => JsonValue.Create(c.Values[i]),
            RawColumnData<int> c => i => JsonValue.Create((long)c.Values[i]),
            RawColumnData<short> c => i => JsonValue.Create((long)c.Values[i]),
            RawColumnData<sbyte> c => i => JsonValue.Create((long)c.Values[i]),
            RawColumnData<uint> c => i => JsonValue.Create((long)c.Values[i]),
            RawColumnData<ushort> c => i => JsonValue.Create((long)c.Values[i]),
            RawColumnData<byte> c => i => JsonValue.Create((long)c.Values[i]),
            RawColumnData<bool> c => i => JsonValue.Create(c.Values[i]),
            RawColumnData<DateTime> c => i => JsonValue.Create(c.Values[i].ToString("O", CultureInfo.InvariantCulture)),
            _ => throw new InvalidDataException($"its values are {raw.GetType().GenericTypeArguments.FirstOrDefault()?.Name}, and only texts, numbers, true/false and times are read"),
        };
    }
}
