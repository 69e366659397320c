using System.Globalization;
using System.Text;
using static UmmRm.Jinja.TemplateTokenKind;

namespace UmmRm.Jinja;

/// <summary>Reads expressions with Jinja's precedences: conditions, or, and, not, comparisons, + and -, ~, * and /, **, signs, then filters and tests, which bind closest.</summary>
internal class ExpressionParser(List<TemplateToken> tokens) : TokenReader(tokens)
{
    private const int MostNested = 120; // the parser and the interpreter recurse; a hostile template must not exhaust the stack
    private int _nested;

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
    protected Expression ReadExpression() => Deeper(() =>
    {
        var line = Next.Line;
        var value = ReadOr();
        while (TakeWord("if"))
        {
            var condition = ReadOr();
            value = new Expression.Condition(condition, value, TakeWord("else") ? ReadExpression() : null, line);
        }
        return value;
    });

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
            if (Next.Kind == Name && AfterNext.Is("="))
            {
                var name = TakeName();
                if (named.Exists(other => other.Item1 == name))
                    throw Error($"the argument {name} is given twice");
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

    /// <summary>Reads something that may hold itself again.</summary>
    private Expression Deeper(Func<Expression> read)
    {
        if (++_nested > MostNested)
            throw Error($"expressions are nested more than {MostNested} deep");
        var value = read();
        _nested--;
        return value;
    }

    private bool NextCompares => Next.Kind == Operator && Next.Text is "==" or "!=" or "<" or "<=" or ">" or ">=";

    private bool EndsTuple() => Next.Kind is BlockEnd or OutputEnd || Next.Is(")") || Next.Is("=") || Next.IsName("in");

    private Expression ReadAnd() => ReadLeft(ReadNot, "and");

    private Expression ReadNot()
    {
        var line = Next.Line;
        return !TakeWord("not") ? ReadComparison() : new Expression.Unary("not", Deeper(ReadNot), line);
    }

    private Expression ReadComparison()
    {
        var line = Next.Line;
        var first = ReadSum();
        var rest = new List<(string, Expression)>();
        while (true)
        {
            if (NextCompares)
                rest.Add((Take().Text, ReadSum()));
            else if (TakeWord("in"))
                rest.Add(("in", ReadSum()));
            else if (Next.IsName("not") && AfterNext.IsName("in"))
            {
                Take();
                Take();
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
        var value = Next.Is("-") || Next.Is("+") ? new Expression.Unary(Take().Text, Deeper(() => ReadSigned(filters: false)), line) : ReadPostfix();
        return filters ? ReadFiltersAndTests(value) : value;
    }

    private Expression ReadLeft(Func<Expression> operand, params string[] operators)
    {
        var value = operand();
        while (Next.Kind is Operator or Name && operators.Contains(Next.Text))
        {
            var token = Take();
            value = new Expression.Binary(token.Text, value, operand(), token.Line);
        }
        return value;
    }

    private Expression ReadPrimary() => Next.Kind switch
    {
        Name => ReadWord(Take()),
        TemplateTokenKind.String => ReadStrings(),
        Integer => ReadWhole(),
        Float => new Expression.Literal(double.Parse(Next.Text, NumberStyles.Float, CultureInfo.InvariantCulture), Take().Line),
        _ => ReadBracketed(),
    };

    private static Expression ReadWord(TemplateToken word) => word.Text switch
    {
        "true" or "True" => new Expression.Literal(true, word.Line),
        "false" or "False" => new Expression.Literal(false, word.Line),
        "none" or "None" => new Expression.Literal(null, word.Line),
        _ => new Expression.Variable(word.Text, word.Line),
    };

    /// <summary>Reads strings; those that stand side by side are one.</summary>
    private Expression.Literal ReadStrings()
    {
        var (line, text) = (Next.Line, new StringBuilder());
        while (Next.Kind == TemplateTokenKind.String)
            text.Append(Take().Text);
        return new Expression.Literal(text.ToString(), line);
    }

    private Expression.Literal ReadWhole() =>
        long.TryParse(Next.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var whole) ? new Expression.Literal(whole, Take().Line) : throw Error($"{Next.Text} is too large a number");

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
                value = Next.Kind == Integer ? new Expression.Item(value, ReadWhole(), line) : new Expression.Attribute(value, TakeName(), line);
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
        var name = NextCompares ? Take().Text : TakeName();
        if (Next.Is("("))
            return new Expression.Test(value, name, ReadArguments(), negated, line);
        var takesOne = Next.Kind is TemplateTokenKind.String or Integer or Float || Next.Is("[") || Next.Is("{") || (Next.Kind == Name && Next.Text is not ("else" or "or" or "and" or "is" or "if" or "in" or "not"));
        return new Expression.Test(value, name, takesOne ? new Arguments([ReadPostfix()], []) : Arguments.None, negated, line);
    }
}
