using System.CommandLine;
using System.CommandLine.Parsing;
using UmmRm.Data;

namespace UmmRm.Cli;

/// <summary>The tree of verbs, and the words of one command line sorted into a verb, its options and complaints.</summary>
internal sealed class CommandLine
{
    private readonly ParseResult _parsed;
    private readonly Option<bool> _version = OptionOf.Switch("--version", "the version of this program");

    public CommandLine(IReadOnlyList<string> words, IEnumerable<Verb> verbs)
    {
        Root = new Command("ummrm", "Trains reward models that resist reward hacking, and the RLHF pipeline around them.") { _version };
        foreach (var option in Everywhere.All)
        {
            option.Recursive = true;
            Root.Add(option);
        }
        foreach (var verb in verbs)
            Place(verb);
        // Arguments mean themselves: hub ids may begin with @, and single letters are not glued together.
        _parsed = Root.Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
    }

    /// <summary>The options that every verb takes.</summary>
    public GlobalOptions Everywhere { get; } = new();

    /// <summary>The root of the tree of verbs.</summary>
    public Command Root { get; }

    /// <summary>What was named: the root, a verb, or the first word of verbs such as <c>tokenizer train</c>.</summary>
    public Command Command => _parsed.CommandResult.Command;

    /// <summary>--help, or no word at all.</summary>
    public bool AsksForHelp => Has(Everywhere.Help) || _parsed.Tokens.Count == 0;

    /// <summary>--version, and nothing that would be wrong.</summary>
    public bool AsksForVersion => Has(_version) && Command == Root && _parsed.UnmatchedTokens.Count == 0;

    /// <summary>The verb that was named.</summary>
    /// <exception cref="UsageException">There is none, or its options are wrong; the message names the nearest verb or option.</exception>
    public Verb Verb()
    {
        if (_parsed.UnmatchedTokens is [var unknown, ..])
            throw new UsageException(UnknownWord(unknown));
        if (_parsed.Errors.FirstOrDefault(e => e.SymbolResult is OptionResult or ArgumentResult || Command is Verb) is { } error)
            throw new UsageException($"{error.Message.TrimEnd('.')}. Try: {Name(Command)} --help");
        if (Has(Everywhere.Quiet) && Has(Everywhere.Verbose))
            throw new UsageException("--quiet and --verbose contradict each other: give one of them");
        return Command as Verb ?? throw new UsageException($"'{Name(Command)}' needs a verb: {string.Join(", ", Command.Subcommands.Select(c => c.Name))}. Try: {Name(Command)} --help");
    }

    /// <summary>Whether a switch was given.</summary>
    public bool Has(Option<bool> option) => _parsed.GetResult(option) is { Implicit: false };

    /// <summary>An option's value; its default, or null, when it was not given.</summary>
    public T? Value<T>(Option<T> option) => _parsed.GetValue(option);

    /// <summary>An argument's value.</summary>
    public T? Value<T>(Argument<T> argument) => _parsed.GetValue(argument);

    /// <summary>The words that lead to a command: <c>ummrm tokenizer train</c>.</summary>
    public static string Name(Command command) => command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{Name(parent)} {command.Name}" : command.Name;

    private void Place(Verb verb)
    {
        var parent = Root;
        foreach (var word in verb.Words.Split(' ')[..^1])
        {
            if (parent.Subcommands.FirstOrDefault(c => c.Name == word) is not { } group)
                parent.Add(group = new Command(word));
            parent = group;
        }
        parent.Add(verb);
    }

    private string UnknownWord(string word)
    {
        var name = word.Split('=', ':')[0];
        var isOption = word.StartsWith('-');
        if (!isOption && Command is Verb)
            return $"'{word}' is one word too many. Try: {Name(Command)} --help";
        var known = isOption ? Command.Options.Concat(Everywhere.All).Select(o => o.Name) : Command.Subcommands.Select(c => c.Name);
        var nearest = NearestName.To(name, known) is { } candidate ? $"; did you mean '{candidate}'?" : ".";
        return $"unknown {(isOption ? "option" : "verb")} '{name}'{nearest} Try: {Name(Command)} --help";
    }
}
