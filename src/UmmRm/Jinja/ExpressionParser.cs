using System.Globalization;
using static UmmRm.Jinja.TemplateTokenKind;

namespace UmmRm.Jinja;

/// <summary>Reads expressions with Jinja's precedences: conditions, or, and, not, comparisons, + and -, ~, * and /, **, signs, then filters and tests, which bind closest.</summary>
internal class ExpressionParser(List<TemplateToken> tokens)
{
    private const int MostNested = 120; // the parser and the interpreter recurse; a hostile template must not exhaust the stack
    private int _nested;

    /// <summary>Where reading is.</summary>
    protected int At { get; set; }

    /// <summary>The token that comes next.</summary>
    protected TemplateToken Next => tokens[At];

    /// <summary>Reads an expression; with commas, a tuple.</summary>
    protected Expression ReadTuple()
    {
        var line = Next.Line;
        var items = new List<Expression> { ReadExpression() };
        if (!Next.Is(","))
            return items[0];
        while (TakeIf(",") && !EndsTuple())
            items.Add(ReadExpression());
        return new Expression.Sequence(items, IsTuple: true, line);
    }

    /// <summary>Reads an expression.</summary>
    protected Expression ReadExpression()
    {
        if (++_nested > MostNested)
            throw Error($"expressions are nested more than {MostNested} deep");
        var line = Next.Line;
        var value = ReadOr();
        while (TakeWord("if"))
        {
            var condition = ReadOr();
            value = new Expression.Condition(condition, value, TakeWord("else") ? ReadExpression() : null, line);
        }
        _nested--;
        return value;
    }

    /// <summary>Reads an expression without a condition at its end, as after <c>in</c> of a loop.</summary>
    protected Expression ReadOr() => ReadLeft(ReadAnd, "or");

    /// <summary>Reads an operand with what is attached to it, but no filter.</summary>
    protected Expression ReadPostfix() => ReadAttached(ReadPrimary());

    /// <summary>Reads <c>(a, b=1)</c>.</summary>
    protected Arguments ReadArguments()
    {
        Take("(");
        var (positional, named) = (new List<Expression>(), new List<(string, Expression)>());
        while (!TakeIf(")"))
        {
            if (positional.Count + named.Count > 0)
            {
                Take(",");
                if (TakeIf(")"))
                    break;
            }
            if (Next.Kind == Name && tokens[At + 1].Is("="))
            {
                var name = TakeName();
                Take("=");
                named.Add((name, ReadExpression()));
            }
            else
            {
                positional.Add(ReadExpression());
            }
        }
        return new Arguments(positional, named);
    }

    /// <summary>Reads filters: <c>| trim | indent(2)</c>, the first name without its bar.</summary>
    protected List<(string Name, Arguments Arguments)> ReadFilters()
    {
        var filters = new List<(string, Arguments)>();
        do
            filters.Add((TakeName(), Next.Is("(") ? ReadArguments() : Arguments.None));
        while (TakeIf("|"));
        return filters;
    }

    protected string TakeName() => Next.Kind == Name ? tokens[At++].Text : throw Error($"a name is expected, not {Next}");

    protected void Take(string mark)
    {
        if (!TakeIf(mark))
            throw Error($"'{mark}' is expected, not {Next}");
    }

    protected bool TakeIf(string mark)
    {
        if (!Next.Is(mark))
            return false;
        At++;
        return true;
    }

    protected bool TakeWord(string word)
    {
        if (!Next.IsName(word))
            return false;
        At++;
        return true;
    }

    protected TemplateException Error(string message) => new($"line {Next.Line}: {message}");

    private bool EndsTuple() => Next.Kind is BlockEnd or OutputEnd || Next.Is(")") || Next.Is("=") || Next.IsName("in");

    private Expression ReadAnd() => ReadLeft(ReadNot, "and");

    private Expression ReadNot()
    {
        var line = Next.Line;
        if (!TakeWord("not"))
            return ReadComparison();
        if (++_nested > MostNested)
            throw Error($"expressions are nested more than {MostNested} deep");
        var negated = new Expression.Unary("not", ReadNot(), line);
        _nested--;
        return negated;
    }

    private Expression ReadComparison()
    {
        var line = Next.Line;
        var first = ReadSum();
        var rest = new List<(string, Expression)>();
        while (true)
        {
            if (Next.Kind == Operator && Next.Text is "==" or "!=" or "<" or "<=" or ">" or ">=")
                rest.Add((tokens[At++].Text, ReadSum()));
            else if (TakeWord("in"))
                rest.Add(("in", ReadSum()));
            else if (Next.IsName("not") && tokens[At + 1].IsName("in"))
            {
                At += 2;
                rest.Add(("not in", ReadSum()));
            }
            else
            {
                return rest.Count == 0 ? first : new Expression.Comparison(first, rest, line);
            }
        }
    }

    private Expression ReadSum() => ReadLeft(ReadConcatenation, "+", "-");

    private Expression ReadConcatenation() => ReadLeft(ReadProduct, "~");

    private Expression ReadProduct() => ReadLeft(ReadPower, "*", "/", "//", "%");

    private Expression ReadPower() => ReadLeft(() => ReadSigned(filters: true), "**");

    private Expression ReadSigned(bool filters)
    {
        var line = Next.Line;
        if (Next.Is("-") || Next.Is("+"))
        {
            if (++_nested > MostNested)
                throw Error($"expressions are nested more than {MostNested} deep");
            Expression signed = new Expression.Unary(tokens[At++].Text, ReadSigned(filters: false), line);
            _nested--;
            return filters ? ReadFiltersAndTests(signed) : signed;
        }
        var value = ReadPostfix();
        return filters ? ReadFiltersAndTests(value) : value;
    }

    private Expression ReadLeft(Func<Expression> operand, params string[] operators)
    {
        var value = operand();
        while (Next.Kind is Operator or Name && operators.Contains(Next.Text))
        {
            var token = tokens[At++];
            value = new Expression.Binary(token.Text, value, operand(), token.Line);
        }
        return value;
    }

    private Expression ReadPrimary()
    {
        var token = tokens[At];
        switch (token.Kind)
        {
            case Name:
                At++;
                return token.Text switch
                {
                    "true" or "True" => new Expression.Literal(true, token.Line),
                    "false" or "False" => new Expression.Literal(false, token.Line),
                    "none" or "None" => new Expression.Literal(null, token.Line),
                    _ => new Expression.Variable(token.Text, token.Line),
                };
            case TemplateTokenKind.String:
                var text = "";
                while (Next.Kind == TemplateTokenKind.String)
                    text += tokens[At++].Text;
                return new Expression.Literal(text, token.Line);
            case Integer:
                At++;
                return new Expression.Literal(long.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var whole) ? whole : throw Error($"{token.Text} is too large a number"), token.Line);
            case Float:
                At++;
                return new Expression.Literal(double.Parse(token.Text, NumberStyles.Float, CultureInfo.InvariantCulture), token.Line);
            default:
                return ReadBracketed();
        }
    }

    private Expression ReadBracketed()
    {
        var line = Next.Line;
        if (TakeIf("("))
        {
            if (TakeIf(")"))
                return new Expression.Sequence([], IsTuple: true, line);
            var inner = ReadTuple();
            Take(")");
            return inner;
        }
        if (TakeIf("["))
            return new Expression.Sequence(ReadList("]", ReadExpression), IsTuple: false, line);
        if (TakeIf("{"))
        {
            return new Expression.Mapping(ReadList("}", () =>
            {
                var key = ReadExpression();
                Take(":");
                return (key, ReadExpression());
            }), line);
        }
        throw Error($"an expression is expected, not {Next}");
    }

    private List<T> ReadList<T>(string end, Func<T> one)
    {
        var items = new List<T>();
        while (!TakeIf(end))
        {
            if (items.Count > 0)
            {
                Take(",");
                if (TakeIf(end))
                    break;
            }
            items.Add(one());
        }
        return items;
    }

    private Expression ReadAttached(Expression value)
    {
        while (true)
        {
            var line = Next.Line;
            if (TakeIf("."))
                value = Next.Kind == Integer ? new Expression.Item(value, new Expression.Literal(long.Parse(tokens[At++].Text, CultureInfo.InvariantCulture), line), line) : new Expression.Attribute(value, TakeName(), line);
            else if (TakeIf("["))
                value = ReadSubscript(value, line);
            else if (Next.Is("("))
                value = new Expression.Call(value, ReadArguments(), line);
            else
                return value;
        }
    }

    private Expression ReadSubscript(Expression of, int line)
    {
        Expression? Part() => Next.Is(":") || Next.Is("]") ? null : ReadExpression();
        var from = Part();
        if (TakeIf("]"))
            return new Expression.Item(of, from ?? throw Error("an index is expected, not ']'"), line);
        Take(":");
        var to = Part();
        var step = TakeIf(":") ? Part() : null;
        Take("]");
        return new Expression.Slice(of, from, to, step, line);
    }

    private Expression ReadFiltersAndTests(Expression value)
    {
        while (true)
        {
            var line = Next.Line;
            if (TakeIf("|"))
                value = new Expression.Filter(value, TakeName(), Next.Is("(") ? ReadArguments() : Arguments.None, line);
            else if (TakeWord("is"))
                value = ReadTest(value, TakeWord("not"), line);
            else if (Next.Is("("))
                value = new Expression.Call(value, ReadArguments(), line);
            else
                return value;
        }
    }

    private Expression.Test ReadTest(Expression value, bool negated, int line)
    {
        var name = Next.Kind == Operator && Next.Text is "==" or "!=" or "<" or "<=" or ">" or ">=" ? tokens[At++].Text : TakeName();
        if (Next.Is("("))
            return new Expression.Test(value, name, ReadArguments(), negated, line);
        var takesOne = Next.Kind is TemplateTokenKind.String or Integer or Float || Next.Is("[") || Next.Is("{") || (Next.Kind == Name && Next.Text is not ("else" or "or" or "and" or "is" or "if" or "in" or "not"));
        return new Expression.Test(value, name, takesOne ? new Arguments([ReadPostfix()], []) : Arguments.None, negated, line);
    }
}
