using System.CommandLine;

namespace UmmRm.Cli;

/// <summary>What a verb is for: the headings of the overview, in its order.</summary>
internal enum VerbGroup
{
    /// <summary>Learns from data.</summary>
    Train,

    /// <summary>Makes a model or a tokenizer out of others.</summary>
    Build,

    /// <summary>Runs a model or a tokenizer on texts.</summary>
    Use,

    /// <summary>Looks at what is there.</summary>
    Inspect,
}

/// <summary>A command line that somebody could type, and what it does.</summary>
/// <param name="Line">The words after <c>ummrm</c>.</param>
/// <param name="Meaning">One line.</param>
internal sealed record Example(string Line, string Meaning);

/// <summary>A verb of the command line: a file under Commands/, listed in <see cref="Commands.Verbs"/>.</summary>
internal abstract class Verb : Command
{
    /// <param name="words">The words that name it: <c>tokenize</c>, <c>tokenizer train</c>.</param>
    /// <param name="group">Its heading in the overview.</param>
    /// <param name="summary">A few words for the overview.</param>
    /// <param name="description">A paragraph that teaches what it does and when one needs it.</param>
    protected Verb(string words, VerbGroup group, string summary, string description)
        : base(words.Split(' ')[^1], description) => (Words, Group, Summary) = (words, group, summary);

    /// <summary>The words that name it.</summary>
    public string Words { get; }

    /// <summary>Its heading in the overview.</summary>
    public VerbGroup Group { get; }

    /// <summary>A few words for the overview.</summary>
    public string Summary { get; }

    /// <summary>One to three command lines that work.</summary>
    public abstract IReadOnlyList<Example> Examples { get; }

    /// <summary>Does it; returns the exit code, or throws what went wrong.</summary>
    public abstract int Run(Invocation invocation);
}
