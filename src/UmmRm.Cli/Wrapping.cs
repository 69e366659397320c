using System.Text;

namespace UmmRm.Cli;

/// <summary>Texts for a terminal, broken between words.</summary>
internal static class Wrapping
{
    /// <summary>Words into lines; the first line is taken to be indented already.</summary>
    public static void Append(StringBuilder text, string words, string indent, int width)
    {
        var used = indent.Length;
        foreach (var word in words.Split(' '))
        {
            if (used > indent.Length && used + 1 + word.Length > width)
            {
                text.Append('\n').Append(indent);
                used = indent.Length;
            }
            if (used > indent.Length)
            {
                text.Append(' ');
                used++;
            }
            text.Append(word);
            used += word.Length;
        }
        text.Append('\n');
    }
}
