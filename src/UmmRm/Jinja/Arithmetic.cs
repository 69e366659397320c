using System.Globalization;
using System.Text;

namespace UmmRm.Jinja;

/// <summary>What operators make of two values, as in Python.</summary>
internal static class Arithmetic
{
    /// <summary>left operator right.</summary>
    /// <exception cref="TemplateException">The values' kinds do not fit, or the result is too large.</exception>
    public static object? Compute(string operation, object? left, object? right, Budget budget)
    {
        try
        {
            return (operation, left, right) switch
            {
                ("~", _, _) => Joined(PythonValue.Text(left), PythonValue.Text(right), budget),
                ("+", string a, string b) => Joined(a, b, budget),
                ("+", List<object?> a, List<object?> b) when a is TemplateTuple == b is TemplateTuple => Joined(a, b, budget),
                ("*", string text, bool or long) => Repeated(text, PythonValue.Whole(right), budget),
                ("*", bool or long, string text) => Repeated(text, PythonValue.Whole(left), budget),
                ("*", List<object?> list, bool or long) => Repeated(list, PythonValue.Whole(right), budget),
                ("%", string format, _) => Format(format, right is TemplateTuple several ? several : [right], budget),
                (_, bool or long, bool or long) => Whole(operation, PythonValue.Whole(left), PythonValue.Whole(right)),
                (_, bool or long or double, bool or long or double) => Real(operation, PythonValue.Number(left), PythonValue.Number(right)),
                _ => throw PythonValue.Fail(left, right, $"unsupported operand type(s) for {operation}: '{PythonValue.TypeName(left)}' and '{PythonValue.TypeName(right)}'"),
            };
        }
        catch (Exception e) when (e is OverflowException or DivideByZeroException)
        {
            throw new TemplateException(e is DivideByZeroException ? "division by zero" : $"the result of '{operation}' is too large a number");
        }
    }

    private static object Whole(string operation, long a, long b) => operation switch
    {
        "+" => (object)checked(a + b),
        "-" => checked(a - b),
        "*" => checked(a * b),
        "/" => b == 0 ? throw new DivideByZeroException() : (double)a / b,
        "//" => checked(a / b) - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0),
        "%" => Remainder(a, b),
        "**" when b < 0 => Math.Pow(a, b),
        _ => Power(a, b),
    };

    /// <summary>a % b, with the sign of b.</summary>
    /// <exception cref="TemplateException">b is 0.</exception>
    public static long Remainder(long a, long b)
    {
        if (b is 0 or -1) // the processor cannot divide the smallest number by -1
            return b == 0 ? throw new TemplateException("division by zero") : 0;
        var rest = a % b;
        return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
    }

    /// <summary>-value.</summary>
    /// <exception cref="TemplateException">It is no number, or has no counterpart.</exception>
    public static object Negative(object? value) => value is double real ? (object)-real
        : PythonValue.Whole(value) is not long.MinValue and var whole ? -whole : throw new TemplateException("the result of '-' is too large a number");

    private static long Power(long a, long b)
    {
        if (a is not (0 or 1 or -1) && b > 63)
            throw new OverflowException();
        var result = 1L;
        for (var i = a is 0 or 1 or -1 ? b % 2 + 2 * Math.Min(b / 2, 1) : b; i > 0; i--)
            result = checked(result * a);
        return result;
    }

    private static object Real(string operation, double a, double b) => operation switch
    {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => b == 0 ? throw new DivideByZeroException() : a / b,
        "//" => b == 0 ? throw new DivideByZeroException() : Math.Floor(a / b),
        "%" => b == 0 ? throw new DivideByZeroException() : a - b * Math.Floor(a / b),
        _ => Math.Pow(a, b),
    };

    private static string Joined(string a, string b, Budget budget)
    {
        budget.Characters((long)a.Length + b.Length);
        return a + b;
    }

    private static List<object?> Joined(List<object?> a, List<object?> b, Budget budget)
    {
        budget.Items((long)a.Count + b.Count);
        return a is TemplateTuple ? new TemplateTuple(a.Concat(b)) : [.. a, .. b];
    }

    private static string Repeated(string text, long count, Budget budget)
    {
        count = Math.Max(0, count);
        budget.Characters(text.Length == 0 ? 0 : count > Budget.MostCharacters ? long.MaxValue >> 8 : text.Length * count);
        return new StringBuilder().Insert(0, text, (int)Math.Min(count, text.Length == 0 ? 0 : int.MaxValue)).ToString();
    }

    private static List<object?> Repeated(List<object?> list, long count, Budget budget)
    {
        count = Math.Max(0, count);
        budget.Items(list.Count == 0 ? 0 : count > Budget.MostItems ? int.MaxValue : list.Count * count);
        return [.. Enumerable.Repeat(list, list.Count == 0 ? 0 : (int)count).SelectMany(items => items)];
    }

    /// <summary>Python's % with %s, %d, %r and %%.</summary>
    internal static string Format(string format, IReadOnlyList<object?> values, Budget budget)
    {
        var (text, next) = (new StringBuilder(), 0);
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                text.Append(format[i]);
                continue;
            }
            var kind = ++i < format.Length ? format[i] : throw new TemplateException("incomplete format");
            if (kind == '%')
            {
                text.Append('%');
                continue;
            }
            var value = next < values.Count ? values[next++] : throw new TemplateException("not enough arguments for format string");
            text.Append(kind switch
            {
                's' => PythonValue.Text(value),
                'r' => PythonValue.Representation(value),
                'd' or 'i' => ((long)PythonValue.Number(value)).ToString(CultureInfo.InvariantCulture),
                'f' => PythonValue.Number(value).ToString("F6", CultureInfo.InvariantCulture),
                _ => throw new TemplateException($"the format '%{kind}' is not supported; there are %s, %r, %d, %f"),
            });
            budget.Characters(text.Length);
        }
        return next == values.Count ? text.ToString() : throw new TemplateException("not all arguments converted during string formatting");
    }
}
