namespace UmmRm.Recipes;

/// <summary>A resolved recipe for other people's eyes: of what lies on this machine it names the file or folder, and not where that is.</summary>
internal static class PortableRecipe
{
    /// <summary>The recipe with every absolute path reduced to its last name; splits and slices of data stay.</summary>
    /// <param name="yaml">The recipe's text.</param>
    /// <param name="source">Its file, for messages.</param>
    /// <exception cref="InvalidDataException">It is no YAML.</exception>
    public static string Of(string yaml, string source) => RecipeWriter.Write(Portable(YamlReader.Read(yaml, source)));

    private static RecipeNode Portable(RecipeNode node)
    {
        switch (node)
        {
            case SequenceNode sequence:
                return new SequenceNode([.. sequence.Items.Select(Portable)], sequence.Origin);
            case MappingNode mapping:
                var copy = new MappingNode(mapping.Origin);
                foreach (var (key, entry) in mapping.Entries)
                    copy.Entries[key] = entry with { Value = Portable(entry.Value) };
                return copy;
            case ScalarNode scalar when Path.IsPathRooted(scalar.Text):
                var input = InputReference.Parse(scalar.Text);
                return new ScalarNode(Path.GetFileName(Path.TrimEndingDirectorySeparator(input.Target)) + input.Suffix, scalar.Plain, scalar.Origin);
            default:
                return node;
        }
    }
}
