using System.Diagnostics;
using System.Text;
using UmmRm.Recipes;

namespace UmmRm.Tests.Recipes;

/// <summary>Recipes from strangers: each ends in a clear error, quickly and without much memory.</summary>
public sealed class HostileYamlTests
{
    [Fact]
    public void BillionLaughs_InLists_IsRefused()
    {
        var yaml = new StringBuilder("settings:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i <= 10; i++)
            yaml.Append($"  a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        AssertRefused(yaml.ToString(), "aliases make this document more than 50000 values large");
    }

    [Fact]
    public void BillionLaughs_InMergeKeys_IsRefused()
    {
        var yaml = new StringBuilder("settings:\n  a0: &a0 { k: 1 }\n");
        for (var i = 1; i <= 25; i++)
            yaml.Append($"  a{i}: &a{i} {{ <<: [*a{i - 1}, *a{i - 1}, *a{i - 1}] }}\n");
        AssertRefused(yaml.ToString(), "aliases make this document more than 50000 values large or 32 levels deep");
    }

    [Fact]
    public void MergeKeys_InALongChain_AreRefused()
    {
        var yaml = new StringBuilder("settings:\n  a0: &a0 {}\n");
        for (var i = 1; i <= 20_000; i++)
            yaml.Append($"  a{i}: &a{i} {{ <<: *a{i - 1} }}\n");
        AssertRefused(yaml.ToString(), "32 levels deep");
    }

    [Fact]
    public void Variables_ThatDoubleEachOther_AreRefused()
    {
        var yaml = new StringBuilder("data:\n  v0: xxxxxxxxxxxxxxxx\n");
        for (var i = 1; i <= 40; i++)
            yaml.Append($"  v{i}: ${{data.v{i - 1}}}${{data.v{i - 1}}}\n");
        AssertRefused(yaml + "stages: { s: { kind: sft, model: ./m, data: '${data.v40}' } }", "at most 65536 are allowed");
    }

    [Theory]
    [InlineData('[', ']')]
    [InlineData('{', '}')]
    public void Nesting_ThatIsDeep_IsRefused(char open, char close) =>
        AssertRefused("stages: " + string.Concat(Enumerable.Repeat(open == '{' ? "{ a: " : "[", 10_000)) + new string(close, 10_000), "nested more than 32 levels deep");

    [Fact]
    public void Anchor_ThatHoldsItself_IsRefused() => AssertRefused("settings: &a { b: *a }", "*a names no anchor above it");

    [Fact]
    public void Document_ThatIsHuge_IsRefusedUnread() => AssertRefused(new string('x', 2 << 20), "at most 1048576 are read");

    [Fact]
    public void File_ThatIsHuge_IsRefusedUnread()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("huge.yaml", new string('#', 2 << 20));
        Assert.Contains("a recipe has at most 1048576", Assert.Throws<InvalidDataException>(() => RecipeFile.Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Stages_InTheThousands_AreRefused() =>
        AssertRefused("stages:\n" + string.Concat(Enumerable.Range(0, 5_000).Select(i => $"  s{i}: {{ kind: upcycle, model: s{i + 1} }}\n")), "stages has 5000 stages; 1 .. 500 are expected");

    [Fact]
    public void Stages_InALongChain_AreRefusedOrBoundWithoutExhaustingTheStack() =>
        AssertRefused("stages:\n" + string.Concat(Enumerable.Range(0, 500).Select(i => $"  s{i}: {{ kind: reward, data: ./d.jsonl, model: s{i + 1} }}\n")), "stages.s499.model is 's500', and there is no such stage");

    [Theory]
    [InlineData("", "the recipe is empty")]
    [InlineData("# nothing", "the recipe is empty")]
    [InlineData("a: b: c", "this is not YAML")]
    [InlineData("stages: { a: { kind: world }", "this is not YAML")]
    [InlineData("stages: \"\u0000\"", "this is not YAML")]
    [InlineData("stages: { a: { kind: world } }\n---\nstages: {}", "a second document begins here")]
    [InlineData("stages: { a: { kind: world, texts: 1, texts: 2 } }", "texts is given twice in this mapping")]
    [InlineData("stages: { a: { kind: world }, a: { kind: world } }", "a is given twice in this mapping")]
    [InlineData("stages: !!python/object:os.system { a: 1 }", "is not understood")]
    [InlineData("stages: { [a]: 1 }", "a key must be a plain word")]
    [InlineData("stages: { a: { <<: 3 } }", "<< takes a mapping or a list of mappings, such as *name; this is '3'")]
    [InlineData("stages: { a: { <<: *b } }", "*b names no anchor above it")]
    public void Yaml_ThatIsOdd_IsRefusedWithItsPlace(string yaml, string expected) => AssertRefused(yaml, expected);

    private static void AssertRefused(string yaml, string expected)
    {
        var clock = Stopwatch.StartNew();
        var error = Assert.Throws<InvalidDataException>(() => RecipeFile.Parse(yaml, "r.yaml"));
        Assert.StartsWith("r.yaml", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.True(error.Message.Length < 1000, $"the message has {error.Message.Length} characters");
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"it took {clock.Elapsed}");
    }
}
