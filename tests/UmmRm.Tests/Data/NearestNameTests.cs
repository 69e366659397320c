using UmmRm.Data;

namespace UmmRm.Tests.Data;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("merge", "mregE", 1)]
    [InlineData("ca", "abc", 3)] // optimal string alignment; unrestricted Damerau-Levenshtein would say 2
    [InlineData("", "abc", 3)]
    public void Distance_KnownPairs_AreTheTextbookValues(string a, string b, int expected)
    {
        Assert.Equal(expected, NearestName.Distance(a, b));
        Assert.Equal(expected, NearestName.Distance(b, a));
    }

    [Theory]
    [InlineData("tokenise", "tokenize")]
    [InlineData("socre", "score")]
    [InlineData("xyzzy", null)]
    public void To_AmongVerbs_IsTheNearOneOrNone(string word, string? expected) => Assert.Equal(expected, NearestName.To(word, ["score", "tokenize", "merge"]));
}
