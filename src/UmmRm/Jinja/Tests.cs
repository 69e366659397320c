namespace UmmRm.Jinja;

/// <summary>What follows <c>is</c>, and comparisons.</summary>
internal static class Tests
{
    /// <summary>Whether a test holds.</summary>
    /// <exception cref="TemplateException">There is no such test.</exception>
    public static bool Holds(string name, object? value, CallValues values) => name switch
    {
        "defined" => value is not Undefined,
        "undefined" => value is Undefined,
        "none" => value is null,
        "string" => value is string,
        "number" => value is bool or long or double,
        "integer" => value is long,
        "float" => value is double,
        "boolean" => value is bool,
        "true" => value is true,
        "false" => value is false,
        "mapping" => value is OrderedDictionary<object, object?>,
        "iterable" => value is string or List<object?> or OrderedDictionary<object, object?> or Undefined,
        "sequence" => value is string or List<object?> or OrderedDictionary<object, object?> or Undefined,
        "callable" => value is TemplateFunction,
        "odd" => PythonValue.Whole(value) % 2 != 0,
        "even" => PythonValue.Whole(value) % 2 == 0,
        "divisibleby" => Arithmetic.Remainder(PythonValue.Whole(value), PythonValue.Whole(values.Need(0, "num"))) == 0,
        "lower" => PythonValue.Text(value) is var text && text.Any(char.IsLower) && !text.Any(char.IsUpper),
        "upper" => PythonValue.Text(value) is var text && text.Any(char.IsUpper) && !text.Any(char.IsLower),
        "sameas" => ReferenceEquals(value, values.Need(0, "other")) || (value is null or bool && PythonValue.AreEqual(value, values.Get(0, "other"))),
        "in" => PythonValue.Contains(values.Need(0, "seq"), value),
        "eq" or "equalto" or "==" => Compare("==", value, values.Need(0, "other")),
        "ne" or "!=" => Compare("!=", value, values.Need(0, "other")),
        "lt" or "lessthan" or "<" => Compare("<", value, values.Need(0, "other")),
        "le" or "<=" => Compare("<=", value, values.Need(0, "other")),
        "gt" or "greaterthan" or ">" => Compare(">", value, values.Need(0, "other")),
        "ge" or ">=" => Compare(">=", value, values.Need(0, "other")),
        "filter" => Filters.Exists(PythonValue.String(value)),
        _ => throw new TemplateException($"No test named '{name}'."),
    };

    /// <summary>Whether a comparison holds.</summary>
    public static bool Compare(string operation, object? left, object? right) => operation switch
    {
        "==" => PythonValue.AreEqual(left, right),
        "!=" => !PythonValue.AreEqual(left, right),
        "<" => PythonValue.Compare(left, right, operation) < 0,
        "<=" => PythonValue.Compare(left, right, operation) <= 0,
        ">" => PythonValue.Compare(left, right, operation) > 0,
        ">=" => PythonValue.Compare(left, right, operation) >= 0,
        "in" => PythonValue.Contains(right, left),
        _ => !PythonValue.Contains(right, left),
    };
}
