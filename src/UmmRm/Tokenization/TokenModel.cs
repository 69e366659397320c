namespace UmmRm.Tokenization;

/// <summary>Turns a word into tokens.</summary>
internal abstract class TokenModel(Vocabulary vocabulary)
{
    public Vocabulary Vocabulary { get; } = vocabulary;

    /// <summary>Appends the ids of a word.</summary>
    public abstract void Encode(ReadOnlySpan<char> word, List<int> ids);

    /// <summary>Appends the ids of a word and, for each, how many bytes of the word's UTF-8 it stands for.</summary>
    public abstract void Encode(ReadOnlySpan<char> word, List<int> ids, List<int> widths);
}
