using System.Security.Cryptography;
using System.Text;
using UmmRm.Tokenization;

namespace UmmRm.Tests.Tokenization;

public sealed class UnicodeNormalizationTests
{
    // Digests by Python 3.11's unicodedata (Unicode 14): Golden/tokenizers/unicode_normalization.py.
    [Theory]
    [InlineData(false, true, "900f12a0fd5b368b56e972d9dcc9cc0584951930f9d9724d079e44f36f332796")]
    [InlineData(false, false, "45bfd20e6479fe62a36854d0251ce488f571162983f514e0bf9c6821f2e3fec3")]
    [InlineData(true, true, "d80bd137d5ace6ca75c6938c548f80a7edb67227ebb283b35732d2e03e3d19cb")]
    [InlineData(true, false, "4c5c29397085a99312ac2997916d222dc80129540d8336c65638fe19cdae572c")]
    public void Normalize_EveryCodePoint_GivesTheReferenceForm(bool compatibility, bool compose, string digest)
    {
        var text = new StringBuilder();
        for (var c = 0; c < 0x110000; c++)
        {
            if (Rune.IsValid(c))
                text.Append(c == 0 ? "" : "\n").Append(Normalize(new Rune(c).ToString(), compatibility, compose));
        }
        Assert.Equal(digest, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()))));
    }

    // Examples of UAX #15: reordering, blocked marks, Hangul, a composition that is excluded.
    [Theory]
    [InlineData("q\u0307\u0323", "q\u0323\u0307")]
    [InlineData("a\u0315\u0300\u05AE\u0062", "\u00E0\u05AE\u0315\u0062")]
    [InlineData("a\u0327\u030A", "\u00E5\u0327")]
    [InlineData("\u1112\u1161\u11AB", "\uD55C")]
    [InlineData("\u0915\u093C", "\u0915\u093C")]
    [InlineData("\u1100\uAC00\u11A8", "\u1100\uAC01")]
    public void Normalize_SequencesUnderNfc_AreOrderedAndComposed(string text, string expected) => Assert.Equal(expected, Normalize(text, compatibility: false, compose: true));

    [Fact]
    public void Normalize_TextThatStays_IsThePieceItself()
    {
        var piece = new Piece(new AlignedText("d\u00E9j\u00E0 vu \u4E2D \u2019"), 0, 11);
        Assert.Equal(piece, UnicodeNormalization.Normalize(piece, compatibility: false, compose: true));
    }

    private static string Normalize(string text, bool compatibility, bool compose) =>
        UnicodeNormalization.Normalize(new Piece(new AlignedText(text), 0, text.Length), compatibility, compose).Span.ToString();
}
