using static UmmRm.Jinja.TemplateTokenKind;

namespace UmmRm.Jinja;

/// <summary>Reads a template's blocks: if, for, set, macro, call, filter, with, break, continue, and transformers' own generation, which marks what the model writes and changes nothing.</summary>
internal sealed class TemplateParser : ExpressionParser
{
    private const int MostNested = 100;
    private int _nested;
    private int _loops;

    private TemplateParser(List<TemplateToken> tokens) : base(tokens)
    {
    }

    /// <summary>The statements of a template.</summary>
    /// <exception cref="TemplateException">It is no template; the message names the line.</exception>
    public static IReadOnlyList<Statement> Parse(string template)
    {
        var parser = new TemplateParser(TemplateLexer.Read(template));
        var body = parser.ReadBody();
        return parser.Next.Kind == End ? body : throw parser.Error($"'{parser.Word}' ends a block that was not begun");
    }

    /// <summary>The word that begins the block at which reading is.</summary>
    private string Word { get; set; } = "";

    /// <summary>Reads statements up to a block that begins with one of the words, whose word is then taken; or to the end.</summary>
    private List<Statement> ReadBody(params string[] ends)
    {
        if (++_nested > MostNested)
            throw Error($"blocks are nested more than {MostNested} deep");
        var body = new List<Statement>();
        while (Next.Kind != End)
        {
            var token = Next;
            At++;
            if (token.Kind == TemplateTokenKind.Text)
            {
                body.Add(new Statement.Text(token.Text, token.Line));
            }
            else if (token.Kind == OutputBegin)
            {
                body.Add(new Statement.Output(ReadTuple(), token.Line));
                TakeEnd(OutputEnd);
            }
            else
            {
                Word = TakeName();
                if (ends.Contains(Word))
                {
                    _nested--;
                    return body;
                }
                body.AddRange(ReadBlock(Word, token.Line));
            }
        }
        if (ends.Length > 0)
            throw Error($"a block is not closed by '{ends[^1]}'");
        _nested--;
        return body;
    }

    private IReadOnlyList<Statement> ReadBlock(string word, int line) => word switch
    {
        "if" => [ReadIf(line)],
        "for" => [ReadFor(line)],
        "set" => [ReadSet(line)],
        "macro" => [ReadMacro(line)],
        "call" => [ReadCall(line)],
        "filter" => [ReadFilter(line)],
        "with" => [ReadWith(line)],
        "generation" => Closed("endgeneration"),
        "break" or "continue" => [ReadJump(word, line)],
        "include" or "import" or "from" or "extends" or "block" => throw new TemplateException($"line {line}: '{word}' reads other templates; a chat template stands alone"),
        _ => throw new TemplateException($"line {line}: there is no block '{word}'"),
    };

    private List<Statement> Closed(string end)
    {
        TakeEnd(BlockEnd);
        var body = ReadBody(end);
        TakeEnd(BlockEnd);
        return body;
    }

    private Statement.If ReadIf(int line)
    {
        var branches = new List<(Expression, IReadOnlyList<Statement>)>();
        IReadOnlyList<Statement> otherwise = [];
        do
        {
            var condition = ReadTuple();
            TakeEnd(BlockEnd);
            branches.Add((condition, ReadBody("elif", "else", "endif")));
        }
        while (Word == "elif");
        if (Word == "else")
        {
            TakeEnd(BlockEnd);
            otherwise = ReadBody("endif");
        }
        TakeEnd(BlockEnd);
        return new Statement.If(branches, otherwise, line);
    }

    private Statement.For ReadFor(int line)
    {
        var target = ReadTarget();
        if (!TakeWord("in"))
            throw Error($"'in' is expected, not {Next}");
        var items = ReadItems();
        var where = TakeWord("if") ? ReadExpression() : null;
        if (TakeWord("recursive"))
            throw Error("recursive loops are not supported");
        TakeEnd(BlockEnd);
        _loops++;
        var body = ReadBody("else", "endfor");
        _loops--;
        IReadOnlyList<Statement> otherwise = [];
        if (Word == "else")
        {
            TakeEnd(BlockEnd);
            otherwise = ReadBody("endfor");
        }
        TakeEnd(BlockEnd);
        return new Statement.For(target, items, where, body, otherwise, line);
    }

    /// <summary>What is looped over: a condition after it filters and does not belong to it.</summary>
    private Expression ReadItems()
    {
        var line = Next.Line;
        var items = new List<Expression> { ReadOr() };
        while (TakeIf(","))
            items.Add(ReadOr());
        return items.Count == 1 ? items[0] : new Expression.Sequence(items, IsTuple: true, line);
    }

    private Statement ReadSet(int line)
    {
        var target = ReadTarget();
        if (TakeIf("="))
        {
            var value = ReadTuple();
            TakeEnd(BlockEnd);
            return new Statement.Set(target, value, line);
        }
        var filters = TakeIf("|") ? ReadFilters() : [];
        return new Statement.SetBlock(target, filters, Closed("endset"), line);
    }

    private Statement.Macro ReadMacro(int line)
    {
        var name = TakeName();
        return new Statement.Macro(name, ReadParameters(), OutsideLoops("endmacro"), line);
    }

    private Statement.CallBlock ReadCall(int line)
    {
        var parameters = Next.Is("(") ? ReadParameters() : [];
        var call = ReadPostfix() as Expression.Call ?? throw Error("'call' needs a call, such as {% call macro() %}");
        return new Statement.CallBlock(parameters, call, OutsideLoops("endcall"), line);
    }

    private Statement.FilterBlock ReadFilter(int line)
    {
        var filters = ReadFilters();
        return new Statement.FilterBlock(filters, Closed("endfilter"), line);
    }

    private Statement.Scope ReadWith(int line)
    {
        var assignments = new List<(Expression, Expression)>();
        while (Next.Kind != BlockEnd)
        {
            if (assignments.Count > 0)
                Take(",");
            var target = ReadTarget();
            Take("=");
            assignments.Add((target, ReadExpression()));
        }
        return new Statement.Scope(assignments, Closed("endwith"), line);
    }

    private Statement ReadJump(string word, int line)
    {
        if (_loops == 0)
            throw Error($"'{word}' stands outside of a loop");
        TakeEnd(BlockEnd);
        return word == "break" ? new Statement.Break(line) : new Statement.Continue(line);
    }

    private List<Statement> OutsideLoops(string end)
    {
        var loops = _loops;
        _loops = 0;
        var body = Closed(end);
        _loops = loops;
        return body;
    }

    private List<(string, Expression?)> ReadParameters()
    {
        Take("(");
        var parameters = new List<(string, Expression?)>();
        while (!TakeIf(")"))
        {
            if (parameters.Count > 0)
                Take(",");
            var name = TakeName();
            parameters.Add((name, TakeIf("=") ? ReadExpression() : null));
        }
        return parameters;
    }

    /// <summary>What is assigned to: a name, names, or an attribute of a namespace.</summary>
    private Expression ReadTarget()
    {
        var line = Next.Line;
        var targets = new List<Expression> { ReadOne() };
        while (TakeIf(","))
            targets.Add(ReadOne());
        return targets.Count == 1 ? targets[0] : new Expression.Sequence(targets, IsTuple: true, line);
    }

    private Expression ReadOne()
    {
        var line = Next.Line;
        if (TakeIf("("))
        {
            var inner = ReadTarget();
            Take(")");
            return inner;
        }
        var name = new Expression.Variable(TakeName(), line);
        return TakeIf(".") ? new Expression.Attribute(name, TakeName(), line) : name;
    }

    private void TakeEnd(TemplateTokenKind end)
    {
        if (Next.Kind != end)
            throw Error($"{(end == BlockEnd ? "'%}'" : "'}}'")} is expected, not {Next}");
        At++;
    }
}
