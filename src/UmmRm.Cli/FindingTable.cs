using System.Globalization;
using System.Text;
using UmmRm.Diagnosis;

namespace UmmRm.Cli;

/// <summary>Findings for people: by what was looked at, each with its status, its check, what was found and what to do.</summary>
internal static class FindingTable
{
    private const int StatusWidth = 9;

    private static readonly Dictionary<Severity, (string Word, string Colour)> Forms = new()
    {
        [Severity.Ok] = ("ok", "\e[32m"),
        [Severity.Warning] = ("warning", "\e[33m"),
        [Severity.Error] = ("error", "\e[31m"),
    };

    /// <summary>A severity as <c>--json</c> says it.</summary>
    public static string Word(Severity severity) => Forms[severity].Word;

    /// <summary>The table, wrapped to the terminal's width, and a line that counts.</summary>
    public static string Text(IReadOnlyList<Finding> findings, Terminal terminal)
    {
        var text = new StringBuilder();
        var names = findings.Select(finding => finding.Check.Length).DefaultIfEmpty().Max() + 2;
        var indent = new string(' ', 2 + StatusWidth + names);
        foreach (var subject in findings.GroupBy(finding => finding.Subject))
        {
            text.Append(subject.Key).Append('\n');
            foreach (var finding in subject)
            {
                text.Append("  ").Append(Status(finding.Severity, terminal)).Append(finding.Check.PadRight(names));
                Wrapping.Append(text, finding.Detail, indent, terminal.Width);
                if (finding.Remedy is { } remedy)
                    Wrapping.Append(text.Append(indent).Append("-> "), remedy, indent + "   ", terminal.Width);
            }
            text.Append('\n');
        }
        return text.Append(Summary(findings)).ToString();
    }

    private static string Status(Severity severity, Terminal terminal)
    {
        var (word, colour) = Forms[severity];
        return (terminal.HasColours ? $"{colour}{word}\e[0m" : word) + new string(' ', StatusWidth - word.Length);
    }

    private static string Summary(IReadOnlyList<Finding> findings)
    {
        return $"{Count(Severity.Error, "error")}, {Count(Severity.Warning, "warning")}, {Count(Severity.Ok, "check")} without a finding\n";

        string Count(Severity severity, string what)
        {
            var count = findings.Count(finding => finding.Severity == severity);
            return string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");
        }
    }
}
