using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace UmmRm.Recipes;

/// <summary>Writes recipes as YAML, every key of every stage with its value.</summary>
internal static class RecipeWriter
{
    public static string Write(Recipe recipe)
    {
        var stages = new MappingNode(default);
        foreach (var stage in recipe.Stages)
        {
            var mapping = new MappingNode(default);
            mapping.Entries["kind"] = Entry(StageKind.Of(stage).Name);
            mapping.Overlay(StageSettings.ToNode(stage));
            stages.Entries[stage.Name] = new MappingEntry(default, mapping);
        }
        var root = new MappingNode(default);
        root.Entries["name"] = Entry(recipe.Name);
        root.Entries["description"] = Entry(recipe.Description);
        root.Entries["seed"] = Entry(SettingText.Of(recipe.Seed));
        root.Entries["stages"] = new MappingEntry(default, stages);
        return Write(root);
    }

    /// <summary>A document as YAML.</summary>
    public static string Write(RecipeNode root)
    {
        var text = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(text);
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Emit(emitter, root);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static MappingEntry Entry(string text) => new(default, new ScalarNode(text, plain: false, default));

    private static void Emit(Emitter emitter, RecipeNode node)
    {
        switch (node)
        {
            case SequenceNode sequence:
                var flat = sequence.Items.All(item => item is ScalarNode);
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, flat ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in sequence.Items)
                    Emit(emitter, item);
                emitter.Emit(new SequenceEnd());
                break;
            case MappingNode mapping:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, mapping.Entries.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var (key, entry) in mapping.Entries)
                {
                    Emit(emitter, new ScalarNode(key, plain: false, default));
                    Emit(emitter, entry.Value);
                }
                emitter.Emit(new MappingEnd());
                break;
            case ScalarNode scalar:
                // Any text that null could be read from is quoted; of the others the emitter knows which need quotes.
                var style = !scalar.IsNull && new ScalarNode(scalar.Text, plain: true, default).IsNull ? ScalarStyle.DoubleQuoted : ScalarStyle.Any;
                emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, scalar.Text, style, isPlainImplicit: true, isQuotedImplicit: true));
                break;
        }
    }
}
