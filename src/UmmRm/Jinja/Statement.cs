namespace UmmRm.Jinja;

/// <summary>A part of a template that does something.</summary>
internal abstract record Statement(int Line)
{
    public sealed record Text(string Value, int Line) : Statement(Line);

    public sealed record Output(Expression Value, int Line) : Statement(Line);

    public sealed record If(IReadOnlyList<(Expression Condition, IReadOnlyList<Statement> Body)> Branches, IReadOnlyList<Statement> Else, int Line) : Statement(Line);

    public sealed record For(Expression Target, Expression Items, Expression? Where, IReadOnlyList<Statement> Body, IReadOnlyList<Statement> Else, int Line) : Statement(Line);

    public sealed record Set(Expression Target, Expression Value, int Line) : Statement(Line);

    public sealed record SetBlock(Expression Target, IReadOnlyList<(string Name, Arguments Arguments)> Filters, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

    public sealed record Macro(string Name, IReadOnlyList<(string Name, Expression? Default)> Parameters, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

    public sealed record CallBlock(IReadOnlyList<(string Name, Expression? Default)> Parameters, Expression.Call Call, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

    public sealed record FilterBlock(IReadOnlyList<(string Name, Arguments Arguments)> Filters, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

    public sealed record Scope(IReadOnlyList<(Expression Target, Expression Value)> Assignments, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

    public sealed record Break(int Line) : Statement(Line);

    public sealed record Continue(int Line) : Statement(Line);
}
