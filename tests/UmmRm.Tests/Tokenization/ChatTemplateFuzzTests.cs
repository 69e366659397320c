using System.Text;
using System.Text.Json.Nodes;
using UmmRm.Tokenization;

namespace UmmRm.Tests.Tokenization;

/// <summary>Templates are other people's programs: whatever is in them ends with a text or with one kind of error, and soon.</summary>
public static class ChatTemplateFuzzTests
{
    /// <summary>Between them they use every block and most filters, tests and methods.</summary>
    private static readonly string[] Templates =
    [
        "{%- for message in messages %}{{- '<|im_start|>' + message['role'] + '\\n' + message.content | trim + '<|im_end|>' + '\\n' }}{%- endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
        "{% set ns = namespace(found=false, n=0) %}{% for m in messages if m.role != 'system' %}{% set ns.n = ns.n + loop.index0 * 2 %}{% if loop.first %}{{ bos_token }}{% elif loop.last and not ns.found %}{% set ns.found = true %}{% endif %}{{ loop.index }}:{{ loop.cycle('a', 'b') }}{% else %}none{% endfor %}{{ ns.n }}",
        "{% macro turn(role, text='') %}[{{ role | upper }}]{{ text | default('?', true) | indent(2, true) }}{% endmacro %}{{ turn('user', messages[0].content) }}{{ turn(role='x') }}{% call turn('y') %}z{% endcall %}",
        "{% if messages | length % 2 == 0 and messages[0]['role'] in ['user', 'system'] %}{{ messages | map(attribute='content') | join(', ') }}{% else %}{{ raise_exception('turns must alternate') }}{% endif %}",
        "{{ messages[-1].content[1:-1:2] }}{{ messages[::-1][0].role }}{{ 'a-b-c'.split('-')[1:] | tojson(indent=2) }}{{ {'k': [1, 2.5e3, none, true]} | tojson }}{{ (1, 2) ~ 'x' * 3 }}{{ 7 // 2 ** 2 - -3 % 2 }}",
        "{% for k, v in {'a': 1, 'b': [2]}.items() %}{{ k ~ '=' ~ v }}{% if v is sequence and v is not string %}{% break %}{% endif %}{% continue %}{% endfor %}{% with x = 1 %}{{ x is odd }}{% endwith %}{% filter upper %}abc{% endfilter %}",
        "{% set x %}block {{ 1 if 2 > 1 else 3 }}{% endset %}{{ x.strip().replace('o', '0').startswith('b') }}{{ '%s %d' | format('a', 3) }}{{ [3, 1, 2] | sort(reverse=true) | first }}{{ range(3) | list | sum }}{{ 'x' is defined and y is undefined }}",
        "{# comment #}{% raw %}{{ not read }}{% endraw %}{{ messages | selectattr('role', 'equalto', 'user') | list | length }}{{ messages | rejectattr('role', 'in', ['user']) | map('upper') | list }}{{ strftime_now('%Y') | int > 0 }}{{ '%f' % 3.14159 }}{{ tools is none }}",
    ];

    /// <summary>What a mutation puts in: pieces of the language, and from <see cref="FirstAttached"/> on what may follow a value.</summary>
    private static readonly string[] Pieces =
    [
        "{{", "}}", "{%", "%}", "{#", "#}", "(", ")", "[", "]", "{", "}", ":", ",", ".", "=", "'", "\"", "\\", "\n", " ", "\0", "\ud83d", "😀", "0", "-1", "1e308", "1e999", "9223372036854775807", "99999999999999999999", "2000000000", "none", "true", "not ",
        "for ", "endfor", "set ", "macro ", "endmacro", "call ", "loop", "loop.previtem", "self", "super()", "messages", "message", "namespace()", "range(100000)", "range(0, 9, 0)", "raise_exception(1)", "strftime_now('%')", "dict(a=1)", "lipsum()",
        " + 1", " - 9223372036854775807 - 2", " * -9223372036854775807", " // 0", " % 0", " / 0", " // -1", " ** 100000", " ** -1", " * 100000", " * 'ab'", " ~ messages", " == none", " != messages", " < 'a'", " in 'abc'", " not in messages", " is string", " is divisibleby(0)", " is in(1)",
        " and messages", " or undefined", " if none", " if true else 1", "| tojson", "| tojson(indent=1000000000)", "| tojson(separators=1)", "| indent(999999999)", "| abs", "| round(99)", "| round", "| int", "| float", "| reverse", "| unique", "| sort", "| sort(attribute='x')", "| join(messages)",
        "| map('map')", "| map(attribute='a.b.0')", "| select('foo')", "| batch(2)", "| string", "| list", "| items", "| dictsort", "| min", "| max", "| sum", "| first", "| last", "| length", "| format(1)", "| replace('', 'aa')", "| attr('x')", "| default(messages)", "| title", "| trim(1)",
        "[::0]", "[1:2:3]", "[::-1]", "[9223372036854775807]", "[-9223372036854775807:9223372036854775807:9223372036854775807]", "['a']", "[messages]", ".0", ".99999999999999999999", ".__class__", ".format(1)", ".join([1])", ".split('')", ".split()", ".replace('', 'b')", ".items()",
        ".get(messages)", ".find('')", ".rstrip('x')", ".splitlines()", ".title()", ".keys()", "()", "(1, a=2)",
    ];

    private static readonly int FirstAttached = Array.IndexOf(Pieces, " + 1");

    [Fact]
    public static void Render_MutatedTemplates_EndWithATextOrTheOneError()
    {
        var random = new Random(20260101);
        var messages = JsonNode.Parse("""[{"role": "system", "content": "Be brief."}, {"role": "user", "content": " Hällo 😀\n"}, {"role": "assistant", "content": "42", "tool_calls": [{"name": "f", "arguments": {"x": 1.5}}]}]""")!.AsArray();
        KeyValuePair<string, JsonNode?>[] values = [new("bos_token", "<s>"), new("eos_token", "</s>")];
        var rendered = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var template = Mutated(Templates[i % Templates.Length], i < Templates.Length ? 0 : random.Next(1, 4), random);
            try
            {
                Assert.NotNull(ChatTemplate.Parse("t", template).Render(messages, random.Next(2) == 0, values));
                rendered++;
            }
            catch (InvalidDataException e)
            {
                Assert.StartsWith("t: ", e.Message, StringComparison.Ordinal);
                Assert.True(i >= Templates.Length || e.Message.Contains("alternate", StringComparison.Ordinal), $"{template}: {e.Message}"); // unchanged, all but the complaint render
            }
            catch (Exception e)
            {
                Assert.Fail($"template {i}, {template}: {e}");
            }
        }
        Assert.InRange(rendered, 800, 8500); // mutations neither break everything nor nothing
    }

    [Theory]
    [InlineData("{{ {'a': 1} | tojson(indent=1000000000) }}", "tojson: indent is 1000000000; at most 1000 spaces are written")]
    [InlineData("{{ 'a' | indent(1000000000) }}", "indent: width is 1000000000; at most 1000 spaces are written")]
    [InlineData("{{ [[[[1]]]] | tojson(indent='x' * 16000000) }}", "too large or nested too deep for JSON")]
    [InlineData("{{ {'a': 1} is divisibleby(0) }}", "whole number")]
    [InlineData("{{ 4 is divisibleby(0) }}", "division by zero")]
    [InlineData("{{ dict(a=1, a=2) }}", "the argument a is given twice")]
    [InlineData("{% raw %}{%}", "'raw' is not closed")]
    [InlineData("{{ -(-9223372036854775807 - 1) }}", "too large a number")]
    [InlineData("{{ (-9223372036854775807 - 1) | abs }}", "too large a number")]
    [InlineData("{{ 'ab' * 1000 in 'ab' * 1000000 }}", "looks for a text of 2,000 characters in one of 2,000,000")]
    [InlineData("{{ messages.99999999999999999999 }}", "99999999999999999999 is too large a number")]
    public static void Render_BeyondALimit_NamesIt(string template, string complaint) =>
        Assert.Contains(complaint, Assert.Throws<InvalidDataException>(() => ChatTemplate.Parse("t", template).Render([], false, [])).Message, StringComparison.Ordinal);

    /// <summary>Half of the changes are anywhere; half attach something to an expression that is written, so that it is read and computed.</summary>
    private static string Mutated(string template, int changes, Random random)
    {
        var text = new StringBuilder(template);
        for (; changes > 0; changes--)
        {
            int[] ends = [.. text.ToString().AllIndexesOf("}}")];
            var attached = ends.Length > 0 && random.Next(2) == 0;
            var at = attached ? ends[random.Next(ends.Length)] : random.Next(text.Length + 1);
            var length = attached ? 0 : Math.Min(random.Next(1, 12), text.Length - at);
            switch (attached ? 2 : random.Next(3))
            {
                case 0:
                    text.Remove(at, length);
                    break;
                case 1:
                    text.Insert(at, text.ToString(at, length));
                    break;
                default:
                    text.Remove(at, length).Insert(at, Pieces[random.Next(attached ? FirstAttached : 0, Pieces.Length)]);
                    break;
            }
        }
        return text.ToString();
    }

    private static IEnumerable<int> AllIndexesOf(this string text, string part)
    {
        for (var at = text.IndexOf(part, StringComparison.Ordinal); at >= 0; at = text.IndexOf(part, at + 1, StringComparison.Ordinal))
            yield return at;
    }
}
