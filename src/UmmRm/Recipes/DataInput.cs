#pragma warning disable CS1591 // each key is described once, in its Setting attribute

namespace UmmRm.Recipes;

/// <summary>Rows that a stage reads. In a recipe either a path or stage alone, or a mapping with these keys.</summary>
public sealed record DataInput
{
    [Setting("A stage that makes data, a file, a folder, a hub id or a data set's name, with a split or a slice of its rows as published: ./hh:train, hh-harmless:train[12000:22500], org/name:train, pairs:[0:4000].")]
    public required InputReference Path { get; init; }

    [Setting("The file's names of columns by ours, such as chosen: better_answer.")]
    public IReadOnlyDictionary<string, string> Columns { get; init; } = new Dictionary<string, string>();
}
