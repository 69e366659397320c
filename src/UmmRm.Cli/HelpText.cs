using System.CommandLine;
using System.Globalization;
using System.Text;

namespace UmmRm.Cli;

/// <summary>Help that teaches: the overview of all verbs, and per verb a paragraph, its options and command lines to try.</summary>
internal static class HelpText
{
    private const string Indent = "  ";

    /// <summary>The help of a command, wrapped to a width.</summary>
    public static string For(Command command, int width)
    {
        var text = new StringBuilder();
        if (command is Verb verb)
            WriteVerb(text, verb, width);
        else if (command.Parents.Any())
            WriteList(text, [.. VerbsUnder(command).Select(v => (v.Words, v.Summary))], width);
        else
            WriteOverview(text, command, width);
        return text.ToString();
    }

    private static void WriteOverview(StringBuilder text, Command root, int width)
    {
        Wrapping.Append(text, root.Description!, "", width);
        text.Append("\nThe whole story in a few minutes, without a download:\n").Append(Indent).Append("ummrm demo\n");
        var verbs = VerbsUnder(root).ToList();
        foreach (var group in Enum.GetValues<VerbGroup>().Where(group => verbs.Any(v => v.Group == group)))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{group}\n");
            WriteList(text, [.. verbs.Where(v => v.Group == group).Select(v => (v.Words, v.Summary))], width);
        }
        text.Append("\nOptions everywhere\n");
        WriteOptions(text, root.Options, width);
        text.Append("\nummrm VERB --help explains a verb, with examples.\n");
    }

    private static void WriteVerb(StringBuilder text, Verb verb, int width)
    {
        Wrapping.Append(text, verb.Description!, "", width);
        text.Append(CultureInfo.InvariantCulture, $"\nUsage\n{Indent}{Usage(verb)}\n");
        if (verb.Arguments.Count > 0)
        {
            text.Append("\nArguments\n");
            WriteList(text, [.. verb.Arguments.Select(a => (a.HelpName ?? a.Name, a.Description ?? ""))], width);
        }
        if (verb.Options.Count > 0)
        {
            text.Append("\nOptions\n");
            WriteOptions(text, verb.Options, width);
        }
        text.Append("\nOptions everywhere\n");
        WriteOptions(text, Root(verb).Options.Where(o => o.Recursive), width);
        text.Append("\nExamples\n");
        foreach (var example in verb.Examples)
            text.Append(CultureInfo.InvariantCulture, $"{Indent}ummrm {example.Line}\n{Indent}{Indent}{example.Meaning}\n");
    }

    private static string Usage(Verb verb)
    {
        var words = verb.Arguments.Select(a => a.HelpName ?? a.Name).Concat(verb.Options.Where(o => o.Required).Select(Label));
        return string.Join(' ', words.Prepend(CommandLine.Name(verb)).Append("[options]"));
    }

    private static string Label(Option option) => option.HelpName is { } form ? $"{option.Name} {form}" : option.Name;

    private static void WriteOptions(StringBuilder text, IEnumerable<Option> options, int width) => WriteList(text, [.. options.Select(o => (Label(o), Meaning(o)))], width);

    private static string Meaning(Option option)
    {
        var remark = option.Required ? " (required)" : option.HasDefaultValue && option.GetDefaultValue() is string value ? $" (default: {value})" : "";
        return option.Description + remark;
    }

    private static void WriteList(StringBuilder text, IReadOnlyList<(string Term, string Meaning)> entries, int width)
    {
        var column = entries.Max(e => e.Term.Length) + 2 * Indent.Length;
        foreach (var (term, meaning) in entries)
        {
            text.Append(Indent).Append(term.PadRight(column - Indent.Length));
            Wrapping.Append(text, meaning, new string(' ', column), width);
        }
    }

    private static IEnumerable<Verb> VerbsUnder(Command command) => command.Subcommands.SelectMany(c => c is Verb verb ? [verb] : VerbsUnder(c));

    private static Command Root(Command command) => command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? Root(parent) : command;
}
