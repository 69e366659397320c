using UmmRm.Data;
using UmmRm.Recipes;
using UmmRm.Tokenization;

namespace UmmRm.Diagnosis;

/// <summary>What rows are read as.</summary>
internal enum RowKind
{
    /// <summary>Preference pairs.</summary>
    Pairs,

    /// <summary>Prompts with responses.</summary>
    Instructions,

    /// <summary>Prompts alone.</summary>
    Prompts,
}

/// <summary>A source of rows, read as training reads it but for rows that lie: those are dropped and counted here, whatever the stage does with them.</summary>
internal sealed class DataCase
{
    /// <summary>Most rows that are tokenized: enough for a share within two points, and soon done.</summary>
    public const int MostSampled = 1000;

    private readonly Lazy<Contents> _contents;

    /// <param name="source">The rows.</param>
    /// <param name="options">Columns, and what the stage does with rows that lie.</param>
    /// <param name="kind">What they are read as; null takes the first kind that fits.</param>
    /// <param name="outside">Fetches rows that lie on the hub; null reads only what is here.</param>
    public DataCase(DataSource source, ReadOptions options, RowKind? kind = null, OutsideInputs? outside = null)
    {
        (Source, BadRows) = (source, options.BadRows);
        options = options with { BadRows = BadRows.Drop };
        _contents = new(() =>
        {
            var here = outside?.Rows(source) ?? source;
            return kind is { } known ? Read(here, options, known) : Detect(here, options);
        });
    }

    /// <summary>The rows as they were named.</summary>
    public DataSource Source { get; }

    /// <summary>What training does with rows that lie.</summary>
    public BadRows BadRows { get; }

    /// <summary>What the rows are read as.</summary>
    public RowKind Kind => _contents.Value.Kind;

    /// <summary>What was read and what was left out.</summary>
    public DataReport Report => _contents.Value.Report;

    /// <summary>The pairs; empty for other kinds.</summary>
    public IReadOnlyList<PreferencePair> Pairs => _contents.Value.Pairs?.Rows ?? [];

    /// <summary>Every row's prompt.</summary>
    public IReadOnlyList<Conversation> Prompts => _contents.Value.Prompts;

    /// <summary>All rows.</summary>
    public RowSet Rows() => new(Source.ToString(), Prompts, Pairs);

    /// <summary>The rows that a training leaves for itself, and the last ones, on which it measures.</summary>
    /// <param name="count">How many published rows are held out.</param>
    public (RowSet Training, RowSet Evaluation) HoldOut(int count)
    {
        var (rest, held) = ($"the others of {Source}", $"the last {count} rows of {Source}");
        if (_contents.Value.Pairs is { } pairs)
        {
            var (training, evaluation) = pairs.HoldOut(count);
            return (new RowSet(rest, Prompted(training), training), new RowSet(held, Prompted(evaluation), evaluation));
        }
        var (shown, kept) = _contents.Value.Instructions!.HoldOut(count);
        return (new RowSet(rest, [.. shown.Select(row => row.Prompt)], []), new RowSet(held, [.. kept.Select(row => row.Prompt)], []));
    }

    /// <summary>Rows spread evenly over the data: both sides of pairs, or a prompt with its response, each with the place that it was read at; none for prompts alone.</summary>
    public IReadOnlyList<(string Origin, Completion Text)> SampledTexts() => Kind switch
    {
        RowKind.Pairs => [.. Spread(Pairs, MostSampled / 2).SelectMany(pair => new[]
        {
            (pair.Origin, new Completion(pair.Prompt, pair.Chosen, pair.ChosenEnded)),
            (pair.Origin, new Completion(pair.Prompt, pair.Rejected, pair.RejectedEnded)),
        })],
        _ => [.. Spread(_contents.Value.Instructions?.Rows ?? [], MostSampled).Select(row => (row.Origin, new Completion(row.Prompt, row.Response, row.Ended)))],
    };

    /// <summary>At most so many of the rows, evenly spread, in their order.</summary>
    public static IReadOnlyList<T> Spread<T>(IReadOnlyList<T> rows, int most) =>
        rows.Count <= most ? rows : [.. Enumerable.Range(0, most).Select(i => rows[(int)((long)i * rows.Count / most)])];

    private static Contents Detect(DataSource source, ReadOptions options)
    {
        try
        {
            return Read(source, options, RowKind.Pairs);
        }
        catch (InvalidDataException)
        {
            if ((Fits(source, options, RowKind.Instructions) ?? Fits(source, options, RowKind.Prompts)) is { } other)
                return other;
            throw;
        }
    }

    private static Contents? Fits(DataSource source, ReadOptions options, RowKind kind)
    {
        try
        {
            return Read(source, options, kind);
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException)
        {
            return null; // what is said is why the rows are no pairs
        }
    }

    private static Contents Read(DataSource source, ReadOptions options, RowKind kind)
    {
        switch (kind)
        {
            case RowKind.Pairs:
                var pairs = PreferenceData.Read(source, options);
                return new Contents(kind, pairs.Report, Prompted(pairs.Rows), pairs, null);
            case RowKind.Instructions:
                var instructions = InstructionData.Read(source, options);
                return new Contents(kind, instructions.Report, [.. instructions.Rows.Select(row => row.Prompt)], null, instructions);
            default:
                var prompts = PromptData.Read(source, options);
                return new Contents(kind, prompts.Report, prompts.Rows, null, null);
        }
    }

    private static IReadOnlyList<Conversation> Prompted(IReadOnlyList<PreferencePair> pairs) => [.. pairs.Select(pair => pair.Prompt)];

    private sealed record Contents(RowKind Kind, DataReport Report, IReadOnlyList<Conversation> Prompts, DataSet<PreferencePair>? Pairs, DataSet<Instruction>? Instructions);
}
