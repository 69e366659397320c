namespace UmmRm.Jinja;

/// <summary>What a piece of a template is.</summary>
internal enum TemplateTokenKind
{
    /// <summary>Text that is written as it is.</summary>
    Text,

    /// <summary><c>{{</c></summary>
    OutputBegin,

    /// <summary><c>}}</c></summary>
    OutputEnd,

    /// <summary><c>{%</c></summary>
    BlockBegin,

    /// <summary><c>%}</c></summary>
    BlockEnd,

    /// <summary>A name or a word such as <c>if</c>.</summary>
    Name,

    /// <summary>A string, its escapes resolved.</summary>
    String,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A number with a point or an exponent.</summary>
    Float,

    /// <summary>An operator or a bracket.</summary>
    Operator,

    /// <summary>The end.</summary>
    End,
}

/// <summary>A piece of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text; of a string the value.</param>
/// <param name="Line">Its line, from 1.</param>
internal readonly record struct TemplateToken(TemplateTokenKind Kind, string Text, int Line)
{
    /// <summary>Whether it is this operator.</summary>
    public bool Is(string text) => Kind == TemplateTokenKind.Operator && Text == text;

    /// <summary>Whether it is this word.</summary>
    public bool IsName(string text) => Kind == TemplateTokenKind.Name && Text == text;

    /// <inheritdoc/>
    public override string ToString() => Kind switch { TemplateTokenKind.End => "the end of the template", TemplateTokenKind.BlockEnd => "'%}'", TemplateTokenKind.OutputEnd => "'}}'", _ => $"'{Text}'" };
}
