namespace UmmRm.Data;

/// <summary>
/// Preference pairs from files in the layouts of TRL, Anthropic HH, AlpacaFarm, Unified-Feedback, UltraFeedback-binarized, PKU-SafeRLHF and
/// HelpSteer, found by their columns; other names are given as <see cref="ReadOptions.Columns"/>.
/// </summary>
public static class PreferenceData
{
    private static readonly EqualityComparer<PreferencePair> SameTexts = EqualityComparer<PreferencePair>.Create(
        (a, b) => a!.Chosen == b!.Chosen && a.Rejected == b.Rejected && PromptComparer.Instance.Equals(a.Prompt, b.Prompt),
        pair => HashCode.Combine(pair.Chosen, pair.Rejected));

    /// <summary>The layouts, in the order in which they are tried.</summary>
    internal static IReadOnlyList<Layout<PreferencePair>> Layouts { get; } = [TrlPairs.Explicit, AnthropicHh.Pairs, AlpacaFarm.Pairs, UnifiedFeedback.Pairs, PkuSafeRlhf.Pairs, HelpSteer.Pairs, HelpSteer.Conversations, TrlPairs.Implicit];

    /// <summary>Reads the pairs of a source.</summary>
    /// <exception cref="FileNotFoundException">The source does not exist.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or empty, its columns fit no layout, or a row cannot be used and may not be dropped; the message names file, row, column, value and remedy.</exception>
    /// <exception cref="ArgumentException">The source or the column mapping makes no sense.</exception>
    public static DataSet<PreferencePair> Read(DataSource source, ReadOptions? options = null) => RowReader.Read(source, options ?? new(), Layouts, SameTexts);

    /// <summary>Reads the pairs of a source together with their whole rows, to be written again with other labels. Errors: as <see cref="Read"/>.</summary>
    public static DataSet<PreferenceRow> ReadRows(DataSource source, ReadOptions? options = null) => RowReader.Read(source, options ?? new(),
        [.. Layouts.Select(layout => layout.As((fields, pair) => new PreferenceRow(pair, fields.Row, layout.Sides.Select(s => (fields.ColumnOf(s.Item1), fields.ColumnOf(s.Item2))), fields.ColumnOf("margin"))))],
        EqualityComparer<PreferenceRow>.Create((a, b) => SameTexts.Equals(a!.Pair, b!.Pair), row => SameTexts.GetHashCode(row.Pair)), everyColumn: true);

    /// <summary>Reads one row, for rows that come as a stream.</summary>
    /// <exception cref="InvalidDataException">The row is no usable pair; the message names file, row, column and value.</exception>
    public static PreferencePair FromRow(DataRow row, ReadOptions? options = null) => RowReader.ReadOne(row, options ?? new(), Layouts);
}
