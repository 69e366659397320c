namespace UmmRm.Jinja;

/// <summary>A place in a template's tokens, and what a parser asks there: is it this mark, this word, a name?</summary>
/// <param name="tokens">All tokens; the last one is the end.</param>
internal class TokenReader(List<TemplateToken> tokens)
{
    /// <summary>Where reading is.</summary>
    protected int At { get; set; }

    /// <summary>The token that comes next.</summary>
    protected TemplateToken Next => tokens[At];

    /// <summary>The token that comes after it; at the end, the end.</summary>
    protected TemplateToken AfterNext => tokens[Math.Min(At + 1, tokens.Count - 1)];

    /// <summary>Takes whatever comes next.</summary>
    protected TemplateToken Take() => tokens[At++];

    /// <summary>Takes a name.</summary>
    protected string TakeName() => Next.Kind == TemplateTokenKind.Name ? Take().Text : throw Error($"a name is expected, not {Next}");

    /// <summary>Takes an operator or bracket that must come.</summary>
    protected void Take(string mark)
    {
        if (!TakeIf(mark))
            throw Error($"'{mark}' is expected, not {Next}");
    }

    /// <summary>Takes an operator or bracket if it comes next.</summary>
    protected bool TakeIf(string mark)
    {
        if (!Next.Is(mark))
            return false;
        At++;
        return true;
    }

    /// <summary>Takes a word if it comes next.</summary>
    protected bool TakeWord(string word)
    {
        if (!Next.IsName(word))
            return false;
        At++;
        return true;
    }

    /// <summary>What is wrong here.</summary>
    protected TemplateException Error(string message) => new($"line {Next.Line}: {message}");
}
