using System.Text;

namespace UmmRm.Jinja;

/// <summary>Runs a template's statements. One rendering an instance.</summary>
internal sealed class Interpreter
{
    private readonly Budget _budget = new();
    private readonly Evaluator _evaluator;
    private StringBuilder _output = new();

    /// <summary>An interpreter.</summary>
    public Interpreter() => _evaluator = new Evaluator(_budget);

    private enum Flow
    {
        On,
        Break,
        Continue,
    }

    /// <summary>Renders a template.</summary>
    /// <param name="body">Its statements.</param>
    /// <param name="names">What the names stand for that it is given.</param>
    /// <exception cref="TemplateException">It complains, is wrong, or passes a limit.</exception>
    public string Render(IReadOnlyList<Statement> body, IEnumerable<KeyValuePair<string, object?>> names)
    {
        var globals = new Scope(null);
        foreach (var (name, value) in Globals.All(_budget).Concat(names))
            globals.Set(name, value);
        Run(body, new Scope(globals));
        return _output.ToString();
    }

    private Flow Run(IReadOnlyList<Statement> body, Scope scope)
    {
        foreach (var statement in body)
        {
            _budget.Step();
            Flow flow;
            try
            {
                flow = Run(statement, scope);
            }
            catch (TemplateException e) when (!e.Message.StartsWith("line ", StringComparison.Ordinal))
            {
                throw new TemplateException($"line {statement.Line}: {e.Message}");
            }
            if (flow != Flow.On)
                return flow;
        }
        return Flow.On;
    }

    private Flow Run(Statement statement, Scope scope)
    {
        switch (statement)
        {
            case Statement.Text text:
                Write(text.Value);
                return Flow.On;
            case Statement.Output output:
                Write(PythonValue.Text(_evaluator.Evaluate(output.Value, scope)));
                return Flow.On;
            case Statement.If condition:
                var taken = condition.Branches.FirstOrDefault(branch => PythonValue.IsTrue(_evaluator.Evaluate(branch.Condition, scope))).Body;
                return Run(taken ?? condition.Else, scope);
            case Statement.For loop:
                return Loop(loop, scope);
            case Statement.Set set:
                Assign(set.Target, _evaluator.Evaluate(set.Value, scope), scope);
                return Flow.On;
            case Statement.SetBlock set:
                Assign(set.Target, Filtered(Captured(set.Body, new Scope(scope) { LoopDepth = scope.LoopDepth }), set.Filters, scope, set.Line), scope);
                return Flow.On;
            case Statement.FilterBlock filter:
                Write(PythonValue.Text(Filtered(Captured(filter.Body, new Scope(scope) { LoopDepth = scope.LoopDepth }), filter.Filters, scope, filter.Line)));
                return Flow.On;
            case Statement.Macro macro:
                scope.Set(macro.Name, Function(macro.Name, macro.Parameters, macro.Body, scope));
                return Flow.On;
            case Statement.CallBlock call:
                Write(PythonValue.Text(_evaluator.Call(call.Call, scope, Function("caller", call.Parameters, call.Body, scope))));
                return Flow.On;
            case Statement.Scope with:
                var inner = new Scope(scope) { LoopDepth = scope.LoopDepth };
                foreach (var (target, value) in with.Assignments)
                    Assign(target, _evaluator.Evaluate(value, scope), inner);
                return Run(with.Body, inner);
            case Statement.Break:
                return Flow.Break;
            default:
                return Flow.Continue;
        }
    }

    private Flow Loop(Statement.For loop, Scope scope)
    {
        var items = new List<object?>();
        foreach (var item in PythonValue.Items(_evaluator.Evaluate(loop.Items, scope)))
        {
            _budget.Items(items.Count + 1 > Budget.MostItems ? items.Count + 1 : 1);
            if (loop.Where is not null)
            {
                var trial = new Scope(scope);
                Assign(loop.Target, item, trial);
                if (!PythonValue.IsTrue(_evaluator.Evaluate(loop.Where, trial)))
                    continue;
            }
            items.Add(item);
        }
        if (items.Count == 0)
            return Run(loop.Else, new Scope(scope) { LoopDepth = scope.LoopDepth });
        var state = new LoopState(items, scope.LoopDepth + 1);
        for (var i = 0; i < items.Count; i++)
        {
            state.Index = i;
            var inner = new Scope(scope) { LoopDepth = scope.LoopDepth + 1 };
            inner.Set("loop", state);
            Assign(loop.Target, items[i], inner);
            if (Run(loop.Body, inner) == Flow.Break)
                break;
        }
        return Flow.On;
    }

    private static void Assign(Expression target, object? value, Scope scope)
    {
        switch (target)
        {
            case Expression.Variable variable:
                scope.Set(variable.Name, value);
                break;
            case Expression.Attribute { Of: Expression.Variable owner } attribute:
                if (scope.Find(owner.Name) is not TemplateNamespace space)
                    throw new TemplateException($"cannot assign attribute on non-namespace object '{owner.Name}'");
                space.Values[attribute.Name] = value;
                break;
            case Expression.Sequence names:
                var parts = PythonValue.Items(value).ToList();
                if (parts.Count != names.Items.Count)
                    throw new TemplateException(parts.Count < names.Items.Count ? $"not enough values to unpack (expected {names.Items.Count}, got {parts.Count})" : $"too many values to unpack (expected {names.Items.Count})");
                foreach (var (name, part) in names.Items.Zip(parts))
                    Assign(name, part, scope);
                break;
        }
    }

    /// <summary>A macro: a function of its own scope, whose output is its value.</summary>
    private TemplateFunction Function(string name, IReadOnlyList<(string Name, Expression? Default)> parameters, IReadOnlyList<Statement> body, Scope outer) => new(name, values =>
    {
        using var _ = _budget.Call();
        var scope = new Scope(outer);
        if (values.Positional.Count > parameters.Count)
            throw new TemplateException($"macro '{name}' takes not more than {parameters.Count} argument(s)");
        foreach (var (index, (parameter, otherwise)) in parameters.Index())
            scope.Set(parameter, values.Has(index, parameter) ? values.Get(index, parameter) : otherwise is null ? new Undefined($"parameter '{parameter}' was not provided") : _evaluator.Evaluate(otherwise, scope));
        foreach (var (given, value) in values.Named.Where(pair => parameters.All(parameter => parameter.Name != pair.Key)))
            scope.Set(given == "caller" ? given : throw new TemplateException($"macro '{name}' takes no keyword argument '{given}'"), value);
        return Captured(body, scope);
    });

    private string Captured(IReadOnlyList<Statement> body, Scope scope)
    {
        var outer = _output;
        _output = new StringBuilder();
        try
        {
            Run(body, scope);
            return _output.ToString();
        }
        finally
        {
            _output = outer;
        }
    }

    private object? Filtered(object? value, IReadOnlyList<(string Name, Arguments Arguments)> filters, Scope scope, int line)
    {
        foreach (var (name, arguments) in filters)
            value = _evaluator.Evaluate(new Expression.Filter(new Expression.Literal(value, line), name, arguments, line), scope);
        return value;
    }

    private void Write(string text)
    {
        _budget.Characters((long)_output.Length + text.Length);
        _output.Append(text);
    }
}
