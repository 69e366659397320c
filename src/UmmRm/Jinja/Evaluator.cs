namespace UmmRm.Jinja;

/// <summary>The values of expressions. Values are the template's own kinds alone, so there is no way from a template to a .NET object.</summary>
internal sealed class Evaluator(Budget budget)
{
    /// <summary>The value of an expression.</summary>
    public object? Evaluate(Expression expression, Scope scope)
    {
        budget.Step();
        Budget.Deeper();
        return expression switch
        {
            Expression.Literal literal => literal.Value,
            Expression.Variable variable => scope.Find(variable.Name),
            Expression.Sequence { IsTuple: true } tuple => new TemplateTuple(tuple.Items.Select(item => Evaluate(item, scope))),
            Expression.Sequence list => list.Items.Select(item => Evaluate(item, scope)).ToList(),
            Expression.Mapping mapping => Map(mapping, scope),
            Expression.Attribute attribute => Members.Attribute(Evaluate(attribute.Of, scope), attribute.Name, budget),
            Expression.Item item => Members.Item(Evaluate(item.Of, scope), Evaluate(item.Key, scope), budget),
            Expression.Slice slice => Members.Slice(Evaluate(slice.Of, scope), Bound(slice.From, scope), Bound(slice.To, scope), Bound(slice.Step, scope)),
            Expression.Call call => Call(call, scope, caller: null),
            Expression.Filter filter => Filters.Apply(filter.Name, Evaluate(filter.Of, scope), Values(filter.Arguments, scope), budget),
            Expression.Test test => Tests.Holds(test.Name, Evaluate(test.Of, scope), Values(test.Arguments, scope)) != test.Negated,
            Expression.Unary unary => Sign(unary.Operator, Evaluate(unary.Of, scope)),
            Expression.Binary { Operator: "and" } and => Evaluate(and.Left, scope) is var left && PythonValue.IsTrue(left) ? Evaluate(and.Right, scope) : left,
            Expression.Binary { Operator: "or" } or => Evaluate(or.Left, scope) is var left && PythonValue.IsTrue(left) ? left : Evaluate(or.Right, scope),
            Expression.Binary binary => Arithmetic.Compute(binary.Operator, Evaluate(binary.Left, scope), Evaluate(binary.Right, scope), budget),
            Expression.Comparison comparison => Holds(comparison, scope),
            Expression.Condition condition => PythonValue.IsTrue(Evaluate(condition.If, scope)) ? Evaluate(condition.Then, scope)
                : condition.Else is null ? new Undefined("the inline if-expression evaluated to false and no else section was defined") : Evaluate(condition.Else, scope),
            _ => throw new TemplateException($"there is no meaning for {expression.GetType().Name}"),
        };
    }

    /// <summary>Calls something.</summary>
    /// <param name="call">The call.</param>
    /// <param name="scope">Where it stands.</param>
    /// <param name="caller">The body of a call block, or null.</param>
    public object? Call(Expression.Call call, Scope scope, TemplateFunction? caller)
    {
        var function = Evaluate(call.Function, scope);
        var values = Values(call.Arguments, scope);
        if (caller is not null)
            values = values with { Named = new Dictionary<string, object?>(values.Named) { ["caller"] = caller } };
        return function is TemplateFunction known ? known.Call(values) : throw PythonValue.Fail(function, null, $"'{PythonValue.TypeName(function)}' object is not callable");
    }

    private CallValues Values(Arguments arguments, Scope scope) =>
        new([.. arguments.Positional.Select(value => Evaluate(value, scope))], arguments.Named.ToDictionary(pair => pair.Name, pair => Evaluate(pair.Value, scope)));

    private OrderedDictionary<object, object?> Map(Expression.Mapping mapping, Scope scope)
    {
        var map = new OrderedDictionary<object, object?>();
        foreach (var (key, value) in mapping.Items)
            map[Evaluate(key, scope) ?? throw new TemplateException("None cannot be a key here")] = Evaluate(value, scope);
        return map;
    }

    private long? Bound(Expression? bound, Scope scope) => bound is null || Evaluate(bound, scope) is not { } value ? null : PythonValue.Whole(value);

    private bool Holds(Expression.Comparison comparison, Scope scope)
    {
        var left = Evaluate(comparison.First, scope);
        foreach (var (operation, expression) in comparison.Rest)
        {
            var right = Evaluate(expression, scope);
            if (!Tests.Compare(operation, left, right))
                return false;
            left = right;
        }
        return true;
    }

    private static object? Sign(string operation, object? value) => (operation, value) switch
    {
        ("not", _) => !PythonValue.IsTrue(value),
        ("-", _) => Arithmetic.Negative(value),
        (_, double d) => d,
        _ => PythonValue.Whole(value),
    };
}
