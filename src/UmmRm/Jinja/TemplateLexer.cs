using System.Globalization;
using System.Text;
using static UmmRm.Jinja.TemplateTokenKind;

namespace UmmRm.Jinja;

/// <summary>Cuts a template into tokens as Jinja does with trim_blocks and lstrip_blocks, which is how transformers renders: the newline after a block goes, and so do blanks between a line's start and a block.</summary>
internal sealed class TemplateLexer
{
    private static readonly string[] Operators = ["//", "**", "==", "!=", ">=", "<=", "+", "-", "*", "/", "%", "~", "=", "<", ">", "|", ".", ",", ":", "(", ")", "[", "]", "{", "}"];
    private readonly List<TemplateToken> _tokens = [];
    private readonly string _source;
    private int _at;
    private int _line = 1;

    private TemplateLexer(string source) => _source = source;

    /// <summary>The tokens of a template, the end last.</summary>
    /// <exception cref="TemplateException">A tag or string is not closed, or a character belongs nowhere.</exception>
    public static List<TemplateToken> Read(string template)
    {
        var source = template.ReplaceLineEndings("\n");
        var lexer = new TemplateLexer(source.EndsWith('\n') ? source[..^1] : source);
        lexer.ReadAll();
        return lexer._tokens;
    }

    private void ReadAll()
    {
        var trimStart = false;
        while (_at < _source.Length)
        {
            var tag = NextTag();
            var text = _source[_at..tag];
            Advance(tag);
            var marks = tag < _source.Length ? _source[tag + 1] : '\0';
            var sign = tag + 2 < _source.Length ? _source[tag + 2] : '\0';
            if (trimStart)
                text = text.TrimStart();
            if (marks != '\0' && sign == '-')
                text = text.TrimEnd();
            else if (marks is '%' or '#' && sign != '+')
                text = WithoutIndent(text, tag);
            if (text.Length > 0)
                Add(Text, text);
            if (tag >= _source.Length)
                break;
            trimStart = marks switch { '#' => Comment(), '%' => Block(), _ => Output() };
        }
        Add(End, "");
    }

    private int NextTag()
    {
        for (var i = _at; i + 1 < _source.Length; i++)
        {
            if (_source[i] == '{' && _source[i + 1] is '{' or '%' or '#' && _source[i] == '{')
                return i;
        }
        return _source.Length;
    }

    /// <summary>Takes blanks away that stand between a line's start and the tag.</summary>
    private string WithoutIndent(string text, int tag)
    {
        var kept = text.TrimEnd(' ', '\t');
        var start = tag - (text.Length - kept.Length);
        return start == 0 || _source[start - 1] == '\n' ? kept : text;
    }

    private bool Comment()
    {
        var end = _source.IndexOf("#}", _at + 2, StringComparison.Ordinal);
        if (end < 0)
            throw Error("a comment '{#' is not closed by '#}'");
        var trim = _source[end - 1] == '-';
        Advance(end + 2);
        if (!trim)
            SkipNewline();
        return trim;
    }

    private bool Output()
    {
        Begin(OutputBegin, "{{");
        return Inside("}}", OutputEnd);
    }

    private bool Block()
    {
        Begin(BlockBegin, "{%");
        var first = _tokens.Count;
        var trim = Inside("%}", BlockEnd);
        if (_tokens.Count == first + 2 && _tokens[first].IsName("raw"))
            return Raw(first - 1);
        if (!trim)
            SkipNewline();
        return trim;
    }

    /// <summary>Everything up to <c>{% endraw %}</c> is text.</summary>
    private bool Raw(int begin)
    {
        var line = _line;
        _tokens.RemoveRange(begin, _tokens.Count - begin);
        for (var i = _source.IndexOf("{%", _at, StringComparison.Ordinal); i >= 0; i = _source.IndexOf("{%", i + 2, StringComparison.Ordinal))
        {
            var close = _source.IndexOf("%}", i + 2, StringComparison.Ordinal);
            if (close < 0 || _source[(i + 2)..close].Trim('-', '+', ' ', '\t', '\n') != "endraw")
                continue;
            var text = _source[_at..i];
            text = _source[i + 2] == '-' ? text.TrimEnd() : WithoutIndent(text, i);
            if (text.Length > 0)
                Add(Text, text);
            var trim = _source[close - 1] == '-';
            Advance(close + 2);
            if (!trim)
                SkipNewline();
            return trim;
        }
        throw new TemplateException($"line {line}: 'raw' is not closed by 'endraw'");
    }

    private void Begin(TemplateTokenKind kind, string mark)
    {
        Add(kind, mark);
        Advance(_at + 2);
        if (_at < _source.Length && _source[_at] is '-' or '+')
            _at++;
    }

    /// <summary>The tokens of an expression up to the closing mark; returns whether it trims what follows.</summary>
    private bool Inside(string mark, TemplateTokenKind end)
    {
        var line = _line;
        var open = 0;
        while (_at < _source.Length)
        {
            var c = _source[_at];
            if (char.IsWhiteSpace(c))
            {
                Advance(_at + 1);
                continue;
            }
            if (open == 0 || mark == "%}")
            {
                var signed = c is '-' or '+' && string.CompareOrdinal(_source, _at + 1, mark, 0, 2) == 0;
                if (signed || string.CompareOrdinal(_source, _at, mark, 0, 2) == 0)
                {
                    Add(end, mark);
                    Advance(_at + (signed ? 3 : 2));
                    return signed && c == '-';
                }
            }
            One(c, ref open);
        }
        throw new TemplateException($"line {line}: a tag is not closed by '{mark}'");
    }

    private void One(char c, ref int open)
    {
        if (c is '\'' or '"')
        {
            String(c);
        }
        else if (char.IsAsciiDigit(c))
        {
            Number();
        }
        else if (char.IsLetter(c) || c == '_')
        {
            var end = _at;
            while (end < _source.Length && (char.IsLetterOrDigit(_source[end]) || _source[end] == '_'))
                end++;
            Add(Name, _source[_at..end]);
            _at = end;
        }
        else
        {
            var found = Operators.FirstOrDefault(op => string.CompareOrdinal(_source, _at, op, 0, op.Length) == 0) ?? throw Error($"the character '{c}' belongs nowhere");
            open += found is "{" ? 1 : found is "}" ? -1 : 0;
            Add(Operator, found);
            _at += found.Length;
        }
    }

    private void Number()
    {
        var end = _at;
        while (end < _source.Length && (char.IsAsciiDigit(_source[end]) || _source[end] == '_'))
            end++;
        var isFloat = end + 1 < _source.Length && _source[end] == '.' && char.IsAsciiDigit(_source[end + 1]);
        if (isFloat)
        {
            end++;
            while (end < _source.Length && char.IsAsciiDigit(_source[end]))
                end++;
        }
        if (end < _source.Length && _source[end] is 'e' or 'E' && end + 1 < _source.Length && (char.IsAsciiDigit(_source[end + 1]) || _source[end + 1] is '-' or '+'))
        {
            isFloat = true;
            end += 2;
            while (end < _source.Length && char.IsAsciiDigit(_source[end]))
                end++;
        }
        Add(isFloat ? Float : Integer, _source[_at..end].Replace("_", "", StringComparison.Ordinal));
        _at = end;
    }

    private void String(char quote)
    {
        var (line, text) = (_line, new StringBuilder());
        for (var i = _at + 1; i < _source.Length; i++)
        {
            if (_source[i] == quote)
            {
                _tokens.Add(new TemplateToken(TemplateTokenKind.String, text.ToString(), line));
                Advance(i + 1);
                return;
            }
            if (_source[i] == '\\' && i + 1 < _source.Length)
                i = Escape(i + 1, text);
            else
                text.Append(_source[i]);
        }
        throw Error("a string is not closed");
    }

    /// <summary>Python's escapes; an unknown one stands for itself. Returns its last place.</summary>
    private int Escape(int at, StringBuilder text)
    {
        var digits = _source[at] switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0 && at + digits < _source.Length && int.TryParse(_source.AsSpan(at + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) && code <= 0x10FFFF)
        {
            text.Append(code is >= 0xD800 and < 0xE000 ? ((char)code).ToString() : char.ConvertFromUtf32(code));
            return at + digits;
        }
        var simple = _source[at] switch { 'n' => "\n", 't' => "\t", 'r' => "\r", '0' => "\0", 'b' => "\b", 'f' => "\f", 'v' => "\v", 'a' => "\a", '\n' => "", '\\' => "\\", '\'' => "'", '"' => "\"", var other => $"\\{other}" };
        text.Append(simple);
        return at;
    }

    private void SkipNewline()
    {
        if (_at < _source.Length && _source[_at] == '\n')
            Advance(_at + 1);
    }

    private void Advance(int to)
    {
        _line += _source.AsSpan(_at, to - _at).Count('\n');
        _at = to;
    }

    private void Add(TemplateTokenKind kind, string text) => _tokens.Add(new TemplateToken(kind, text, _line));

    private TemplateException Error(string message) => new($"line {_line}: {message}");
}
