using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using UmmRm.Reports;
using UmmRm.Weights;

namespace UmmRm.Cli.Inspection;

/// <summary>What safetensors headers say: no tensor is read.</summary>
internal static partial class TensorFacts
{
    /// <summary>How many parameters, in which element types, how large.</summary>
    public static IEnumerable<Fact> Of(IReadOnlyCollection<TensorInfo> tensors)
    {
        var types = tensors.GroupBy(tensor => tensor.Type.Name).Select(group => (Type: group.Key, Count: group.Sum(tensor => tensor.Elements))).OrderByDescending(type => type.Count).ToList();
        var total = types.Sum(type => type.Count);
        var bytes = tensors.Sum(tensor => tensor.ByteLength);
        yield return new Fact("parameters", string.Create(CultureInfo.InvariantCulture, $"{total:N0} in {tensors.Count:N0} tensors"), total);
        yield return new Fact(
            "dtypes",
            string.Join(", ", types.Select(type => types.Count == 1 ? type.Type : string.Create(CultureInfo.InvariantCulture, $"{type.Type} {type.Count:N0}"))),
            new JsonObject(types.Select(type => KeyValuePair.Create(type.Type, (JsonNode?)type.Count))));
        yield return new Fact("size", ByteSize.Text(bytes), bytes);
    }

    /// <summary>The free texts in a file's header.</summary>
    public static Fact Metadata(IReadOnlyDictionary<string, string> metadata) => new(
        "metadata",
        metadata.Count == 0 ? "none" : string.Join(", ", metadata.Select(entry => $"{entry.Key}: {entry.Value}")),
        new JsonObject(metadata.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value))));

    /// <summary>The tensors, those that differ in their layer's or expert's number alone on one line.</summary>
    public static ResultTable Table(IReadOnlyCollection<TensorInfo> tensors)
    {
        var table = new ResultTable(new TableColumn("tensor"), new TableColumn("form"), new TableColumn("times", RightAligned: true));
        foreach (var alike in tensors.OrderBy(tensor => tensor.Name, NumberedNames).GroupBy(tensor => (Name: Numbers().Replace(tensor.Name, ".*."), tensor.Form)))
            table.Add(alike.Count() == 1 ? alike.First().Name : alike.Key.Name, alike.Key.Form, TableCell.Count(alike.Count()));
        return table;
    }

    /// <summary>Every tensor with its element type and shape.</summary>
    public static JsonArray List(IEnumerable<TensorInfo> tensors) => new([.. tensors.Select(tensor => new JsonObject
    {
        ["name"] = tensor.Name,
        ["dtype"] = tensor.Type.Name,
        ["shape"] = new JsonArray([.. tensor.Shape.Select(size => JsonValue.Create(size))]),
    })]);

    private static Comparer<string> NumberedNames { get; } = Comparer<string>.Create((a, b) => string.Compare(a, b, CultureInfo.InvariantCulture, CompareOptions.NumericOrdering));

    [GeneratedRegex(@"\.\d+\.")]
    private static partial Regex Numbers();
}
