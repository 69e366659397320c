namespace UmmRm.Jinja;

/// <summary>A part of a template that has a value.</summary>
internal abstract record Expression(int Line)
{
    public sealed record Literal(object? Value, int Line) : Expression(Line);

    public sealed record Variable(string Name, int Line) : Expression(Line);

    public sealed record Sequence(IReadOnlyList<Expression> Items, bool IsTuple, int Line) : Expression(Line);

    public sealed record Mapping(IReadOnlyList<(Expression Key, Expression Value)> Items, int Line) : Expression(Line);

    public sealed record Attribute(Expression Of, string Name, int Line) : Expression(Line);

    public sealed record Item(Expression Of, Expression Key, int Line) : Expression(Line);

    public sealed record Slice(Expression Of, Expression? From, Expression? To, Expression? Step, int Line) : Expression(Line);

    public sealed record Call(Expression Function, Arguments Arguments, int Line) : Expression(Line);

    public sealed record Filter(Expression Of, string Name, Arguments Arguments, int Line) : Expression(Line);

    public sealed record Test(Expression Of, string Name, Arguments Arguments, bool Negated, int Line) : Expression(Line);

    public sealed record Unary(string Operator, Expression Of, int Line) : Expression(Line);

    public sealed record Binary(string Operator, Expression Left, Expression Right, int Line) : Expression(Line);

    public sealed record Comparison(Expression First, IReadOnlyList<(string Operator, Expression Right)> Rest, int Line) : Expression(Line);

    public sealed record Condition(Expression If, Expression Then, Expression? Else, int Line) : Expression(Line);
}

/// <summary>What a call is given.</summary>
internal sealed record Arguments(IReadOnlyList<Expression> Positional, IReadOnlyList<(string Name, Expression Value)> Named)
{
    public static Arguments None { get; } = new([], []);
}
