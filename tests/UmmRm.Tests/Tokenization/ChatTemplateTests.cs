using System.Text.Json.Nodes;
using UmmRm.Tokenization;

namespace UmmRm.Tests.Tokenization;

public sealed class ChatTemplateTests
{
    [Fact]
    public void Render_RealTemplates_GivesWhatTransformersGivesAndFailsWhereItFails()
    {
        var folder = Repository.SharedData("chat");
        var (renders, wrong) = (0, new List<string>());
        var templates = Directory.GetFiles(Path.Combine(folder, "templates")).ToDictionary(path => Path.GetFileName(path), path => ChatTemplate.Parse(Path.GetFileName(path), File.ReadAllText(path)));
        foreach (var row in File.ReadLines(Path.Combine(folder, "renders.jsonl")).Select(line => JsonNode.Parse(line)!.AsObject()))
        {
            var values = new[] { "bos_token", "eos_token", "date_string" }.Select(name => KeyValuePair.Create(name, row[name]?.DeepClone()));
            string? found, error = null;
            try
            {
                found = templates[row["template"]!.GetValue<string>()].Render(row["messages"]!.AsArray(), row["add_generation_prompt"]!.GetValue<bool>(), values);
            }
            catch (InvalidDataException e)
            {
                (found, error) = (null, e.Message);
            }
            renders++;
            if (found != row["out"]?.GetValue<string>() || (found is null && !error!.Contains(row["error"]!.GetValue<string>().Split(": ", 2)[1], StringComparison.Ordinal)))
                wrong.Add($"{row["template"]} {row["case"]}: expected {row["out"]?.ToJsonString() ?? row["error"]!.ToJsonString()}, found {found ?? error}");
        }
        Assert.Equal(448, renders);
        Assert.True(wrong.Count == 0, $"{wrong.Count} differ:\n{string.Join("\n", wrong.Take(5))}");
    }

    [Theory]
    [InlineData("{% if true %}\n  a\n{% endif %}\nb", "  a\nb")]
    [InlineData("  {% if true %}x{% endif %}", "x")]
    [InlineData("a\n  {#- c #}\nb", "ab")]
    [InlineData("{{ 'x' }}\n\n", "x\n")]
    [InlineData("a  {%- set x = 1 -%}  b", "ab")]
    [InlineData("{% raw %}{{ x }}{% endraw %}", "{{ x }}")]
    public void Render_Whitespace_IsTrimmedAsTransformersDoes(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("{{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** 10 }}", "3 -4 2 3.5 1024")]
    [InlineData("{{ 2 * 3 ~ 'x' }}", "6x")]
    [InlineData("{{ [1, 'a', none, true, 1.0, (1,)] }}", "[1, 'a', None, True, 1.0, (1,)]")]
    [InlineData("{{ {'a': \"it's\", 'b': [1]} }}", "{'a': \"it's\", 'b': [1]}")]
    [InlineData("{{ {'a': 1, 'b': [true, none]} | tojson }}", "{\"a\": 1, \"b\": [true, null]}")]
    [InlineData("{{ {'a': [1, 2]} | tojson(indent=2) }}", "{\n  \"a\": [\n    1,\n    2\n  ]\n}")]
    [InlineData("{{ 'abcdef'[1:4] }} {{ 'abc'[::-1] }} {{ [1, 2, 3][-1] }} {{ '😀b'[1] }} {{ '😀b' | length }}", "bcd cba 3 b 2")]
    [InlineData("{{ 'a,b,c'.split(',')[1] }} {{ ' x '.strip() }} {{ 'x-y'.replace('-', '+') }}", "b x x+y")]
    [InlineData("{{ ' a  b\\u00a0c '.split() }} {{ ' a  b c '.split(none, 1) }} {{ ' a b '.split(none, 0) }} {{ ' '.split() }}", "['a', 'b', 'c'] ['a', 'b c '] ['a b '] []")]
    [InlineData("{{ -7 is divisibleby(7) }} {{ 9223372036854775806 % 9223372036854775807 }} {{ (-5) | abs }} {{ -(2) }}", "True 9223372036854775806 5 -2")]
    [InlineData("{{ 1e16 }} {{ 0.1 }} {{ 1e-5 }} {{ 100.0 }} {{ 1234567.25 }}", "1e+16 0.1 1e-05 100.0 1234567.25")]
    [InlineData("{{ 'a' if false }}|{{ missing }}|{{ missing is defined }}|{{ 'b' if 1 < 2 < 3 else 'c' }}", "||False|b")]
    [InlineData("{{ not 1 in [2] }} {{ 1 not in [2] }} {{ 'a' in 'cat' }}", "True True True")]
    [InlineData("{{ 'x' | default('y') }} {{ none | default('y') }} {{ '' | default('y', true) }} {{ nope | d('z') }}", "x None y z")]
    [InlineData("{% for a, b in {'k': 1}.items() %}{{ a }}={{ b }}{% endfor %}", "k=1")]
    [InlineData("{% for i in range(5) if i is odd %}{{ loop.index }}:{{ i }}{{ ',' if not loop.last }}{% else %}none{% endfor %}", "1:1,2:3")]
    [InlineData("{% for i in range(9) %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}{% endif %}{{ i }}{% endfor %}", "013")]
    [InlineData("{% set n = namespace(x=0) %}{% for i in range(3) %}{% set n.x = n.x + i %}{% endfor %}{{ n.x }}", "3")]
    [InlineData("{% set x = 1 %}{% for i in [1] %}{% set x = 2 %}{% endfor %}{{ x }}", "1")]
    [InlineData("{% macro f(a, b='d') %}{{ a }}{{ b }}{% endmacro %}{{ f(1) }}{{ f(1, b=2) }}", "1d12")]
    [InlineData("{% macro box() %}[{{ caller() }}]{% endmacro %}{% call box() %}in{% endcall %}", "[in]")]
    [InlineData("{% set t %}a{{ 1 }}{% endset %}{{ t | upper }}", "A1")]
    [InlineData("{% filter upper %}ab{% endfilter %}", "AB")]
    [InlineData("{{ [{'a': 1}, {'a': 2}] | selectattr('a', 'equalto', 2) | map(attribute='a') | list }}", "[2]")]
    [InlineData("{{ ['b', 'a'] | sort | join(', ') }} {{ [1, 1, 2] | unique | list }}", "a, b [1, 2]")]
    [InlineData("{{ 'a\\nb' | indent(2) }}", "a\n  b")]
    [InlineData("{% generation %}x{% endgeneration %}", "x")]
    public void Render_Expressions_MeanWhatTheyMeanInPython(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("{{ raise_exception('no system') }}", "no system")]
    [InlineData("\n\n{{ nope.x }}", "line 3: 'nope' is undefined")]
    [InlineData("{% for i in none %}{% endfor %}", "'NoneType' object is not iterable")]
    [InlineData("{{ 1 + 'a' }}", "unsupported operand type(s) for +: 'int' and 'str'")]
    [InlineData("{{ messages.append(1) }}", "unsafe")]
    [InlineData("{{ ''.__class__.__mro__ }}", "has no attribute '__class__'")]
    [InlineData("{% include 'x' %}", "stands alone")]
    [InlineData("{% if x %}", "not closed")]
    [InlineData("{{ x | nope }}", "No filter named 'nope'")]
    [InlineData("{{ 'a", "not closed")]
    [InlineData("{{ 1 // 0 }}", "division by zero")]
    public void Render_WhatCannotBe_FailsWithLineAndReason(string template, string reason) =>
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => Render(template)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{{ 'a' * 10 ** 9 }}")]
    [InlineData("{{ [0] * 10 ** 9 }}")]
    [InlineData("{% for i in range(10 ** 12) %}{% endfor %}")]
    [InlineData("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}")]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}")]
    [InlineData("{% set n = namespace(s='aaaaaaaaaaaaaaaa') %}{% for i in range(99) %}{% set n.s = n.s ~ n.s %}{% endfor %}")]
    [InlineData("{{ 9 ** 999999999 }}")]
    public void Render_HostileTemplates_EndSoonWithALimit(string template)
    {
        var start = System.Diagnostics.Stopwatch.StartNew();
        Assert.Throws<InvalidDataException>(() => Render(template));
        Assert.True(start.Elapsed < TimeSpan.FromSeconds(15)); // its own limit is ten seconds
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("not ", "")]
    [InlineData("-", "")]
    public void Parse_EndlessNesting_IsRefusedBeforeTheStackEnds(string open, string close) =>
        Assert.Contains("nested", Assert.Throws<InvalidDataException>(() => Render("{{ " + string.Concat(Enumerable.Repeat(open, 100_000)) + "1" + string.Concat(Enumerable.Repeat(close, 100_000)) + " }}")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(" + 1")]
    [InlineData(" ~ 1")]
    [InlineData(" and 1")]
    [InlineData(" ** 1")]
    [InlineData("|trim")]
    [InlineData(".x")]
    public void Render_EndlessChains_AreRefusedBeforeTheStackEnds(string link) =>
        Assert.Throws<InvalidDataException>(() => Render("{{ messages" + string.Concat(Enumerable.Repeat(link, 100_000)) + " }}"));

    [Fact]
    public void Render_DeepValuesThatAreCompared_AreRefusedBeforeTheStackEnds() =>
        Assert.Throws<InvalidDataException>(() => Render("{% set n = namespace(v=[], w=[]) %}{% for i in range(90000) %}{% set n.v = [n.v] %}{% set n.w = [n.w] %}{% endfor %}{{ n.v == n.w }}"));

    private static string Render(string template) => ChatTemplate.Parse("template", template).Render([new JsonObject { ["role"] = "user", ["content"] = "hi" }], false, []);
}
