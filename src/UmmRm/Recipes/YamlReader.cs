using UmmRm.Data;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace UmmRm.Recipes;

/// <summary>Reads one YAML document into nodes, anchors and merge keys resolved. Hostile documents end in an error, not in memory or stack.</summary>
internal sealed class YamlReader
{
    /// <summary>The most characters of a document.</summary>
    public const int LongestDocument = 1 << 20;

    private const int DeepestNesting = 32;
    private const int MostNodes = 50_000;
    private const string MergeKey = "<<";

    private readonly string _source;
    private readonly Parser _parser;
    private readonly Dictionary<string, RecipeNode> _anchors = [];
    private int _depth;
    private int _copied;

    private YamlReader(string text, string source)
    {
        _source = source;
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>The document as written: anchored nodes are shared by their aliases and merge keys stand unmerged; see <see cref="Merge"/>.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="source">The file's path, for messages.</param>
    /// <exception cref="InvalidDataException">It is not one YAML document, or too large or deep.</exception>
    public static RecipeNode Read(string text, string source)
    {
        if (text.Length > LongestDocument)
            throw new InvalidDataException($"{source}: the recipe has {text.Length} characters; at most {LongestDocument} are read");
        try
        {
            return new YamlReader(text, source).ReadDocument();
        }
        catch (YamlException e)
        {
            throw new Origin(source, e.Start.Line, e.Start.Column).Error($"this is not YAML: {e.Message}");
        }
    }

    /// <summary>A copy in which nothing is shared and every <c>&lt;&lt;</c> is merged: explicit keys win, then earlier mappings of a list.</summary>
    /// <exception cref="InvalidDataException">Aliases make the document too large or too deep, or a merge key holds no mapping.</exception>
    public static RecipeNode Merge(RecipeNode document) => new YamlReader("", document.Origin.Source).Copy(document);

    private RecipeNode ReadDocument()
    {
        Skip<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _))
            throw new Origin(_source, 1, 1).Error("the recipe is empty");
        Skip<DocumentStart>();
        var root = ReadNode();
        Skip<DocumentEnd>();
        return _parser.Accept<StreamEnd>(out var end) ? root : throw At(_parser.Current ?? (ParsingEvent?)end, "a second document begins here; a recipe is one document");
    }

    private void Skip<T>() where T : ParsingEvent => _parser.Consume<T>();

    private RecipeNode ReadNode()
    {
        if (_parser.TryConsume<AnchorAlias>(out var alias))
            return _anchors.TryGetValue(alias.Value.Value, out var anchored) ? anchored : throw At(alias, $"*{alias.Value.Value} names no anchor above it{NearestName.Hint(alias.Value.Value, _anchors.Keys)}");
        if (++_depth > DeepestNesting)
            throw At(_parser.Current, $"this is nested more than {DeepestNesting} levels deep");
        if (_parser.Accept<NodeEvent>(out var node) && !node.Tag.IsEmpty)
            throw At(node, $"the tag {node.Tag} is not understood; a key's type follows from the recipe's schema");
        RecipeNode read = _parser.TryConsume<Scalar>(out var scalar) ? new ScalarNode(scalar.Value, scalar.Style == ScalarStyle.Plain, Where(scalar))
            : _parser.TryConsume<SequenceStart>(out var sequence) ? ReadSequence(sequence)
            : ReadMapping(_parser.Consume<MappingStart>());
        if (node is { Anchor.IsEmpty: false })
            _anchors[node.Anchor.Value] = read;
        _depth--;
        return read;
    }

    private SequenceNode ReadSequence(SequenceStart start)
    {
        var items = new List<RecipeNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
            items.Add(ReadNode());
        return new SequenceNode(items, Where(start));
    }

    private MappingNode ReadMapping(MappingStart start)
    {
        var mapping = new MappingNode(Where(start));
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            if (!_parser.TryConsume<Scalar>(out var key))
                throw At(_parser.Current, "a key must be a plain word");
            if (!mapping.Entries.TryAdd(key.Value, new MappingEntry(Where(key), ReadNode())))
                throw At(key, $"{key.Value} is given twice in this mapping (first on line {mapping.Entries[key.Value].KeyOrigin.Line})");
        }
        return mapping;
    }

    private RecipeNode Copy(RecipeNode node)
    {
        if (++_copied > MostNodes || _depth >= DeepestNesting)
            throw node.Origin.Error($"aliases make this document more than {MostNodes} values large or {DeepestNesting} levels deep");
        _depth++;
        RecipeNode copy = node switch
        {
            SequenceNode sequence => new SequenceNode([.. sequence.Items.Select(Copy)], sequence.Origin),
            MappingNode mapping => Copy(mapping),
            _ => node,
        };
        _depth--;
        return copy;
    }

    private MappingNode Copy(MappingNode mapping)
    {
        var copy = new MappingNode(mapping.Origin);
        foreach (var (key, entry) in mapping.Entries.Where(e => e.Key != MergeKey))
            copy.Entries[key] = entry with { Value = Copy(entry.Value) };
        if (mapping.Entries.TryGetValue(MergeKey, out var merge))
        {
            foreach (var source in merge.Value is SequenceNode list ? list.Items : [merge.Value])
            {
                if (Copy(source) is not MappingNode merged)
                    throw merge.KeyOrigin.Error($"<< takes a mapping or a list of mappings, such as *name; this is {source.Description}");
                foreach (var (key, entry) in merged.Entries)
                    copy.Entries.TryAdd(key, entry);
            }
        }
        return copy;
    }

    private Origin Where(ParsingEvent at) => new(_source, at.Start.Line, at.Start.Column);

    private Exception At(ParsingEvent? at, string message) => new Origin(_source, at?.Start.Line ?? 1, at?.Start.Column ?? 1).Error(message);
}
