using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace UmmRm.Jinja;

/// <summary>What a rendering may use up: templates come with models and are other people's programs.</summary>
internal sealed class Budget
{
    /// <summary>Most characters of one text, the output included.</summary>
    public const int MostCharacters = 16 << 20;

    /// <summary>Most items of a range or list, as in Jinja's own sandbox.</summary>
    public const int MostItems = 100_000;

    /// <summary>Most macros that call each other.</summary>
    public const int MostCalls = 50;

    private const long MostSteps = 20_000_000;
    private const long MostCompared = 1_000_000_000;
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(10);
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _steps;
    private int _calls;

    /// <summary>Refuses to go deeper where the stack is nearly used up: a long chain of operators is as deep as nested brackets.</summary>
    public static void Deeper()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new TemplateException("the template is nested too deep: a chain of operators or filters, or a value inside of values");
    }

    /// <summary>Refuses to look for a long text in a long one: at worst each is compared with each, and nothing can interrupt that.</summary>
    public static void Search(string text, string part)
    {
        if ((long)text.Length * part.Length > MostCompared)
            throw new TemplateException($"the template looks for a text of {part.Length:N0} characters in one of {text.Length:N0}, which may take too long");
    }

    /// <summary>Counts work.</summary>
    public void Step(int steps = 1)
    {
        var before = _steps;
        _steps += steps;
        if (_steps > MostSteps)
            throw new TemplateException($"the template took more than {MostSteps:N0} steps; it does not end, or is not meant for so long a conversation");
        if (before >> 6 != _steps >> 6 && Stopwatch.GetElapsedTime(_start) > MostTime)
            throw new TemplateException($"the template took more than {MostTime.TotalSeconds} seconds");
    }

    /// <summary>Refuses texts that are too long before they are made.</summary>
    public void Characters(long count)
    {
        if (count > MostCharacters)
            throw new TemplateException($"the template makes a text of more than {MostCharacters:N0} characters");
        Step((int)(count >> 6));
    }

    /// <summary>Refuses lists that are too long.</summary>
    public void Items(long count)
    {
        if (count > MostItems)
            throw new TemplateException($"the template makes a list of more than {MostItems:N0} items");
        Step((int)count);
    }

    /// <summary>Enters a macro until the result is disposed.</summary>
    public IDisposable Call()
    {
        if (++_calls > MostCalls)
            throw new TemplateException($"macros call each other more than {MostCalls} deep");
        return new Leaving(this);
    }

    private sealed class Leaving(Budget budget) : IDisposable
    {
        public void Dispose() => budget._calls--;
    }
}
