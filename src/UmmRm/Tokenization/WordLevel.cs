using System.Text;

namespace UmmRm.Tokenization;

/// <summary>One token a word; a word that is not in the vocabulary is the unknown token, or an error where there is none.</summary>
internal sealed class WordLevel(Vocabulary vocabulary, string unknownToken) : TokenModel(vocabulary)
{
    private readonly int? _unknown = vocabulary.IdOf(unknownToken);

    public override void Encode(ReadOnlySpan<char> word, List<int> ids) =>
        ids.Add(Vocabulary.IdOf(word) ?? _unknown ?? throw new InvalidDataException(
            $"the word '{word}' is not among the {Vocabulary.Size} words of the vocabulary, which has no token '{unknownToken}' for unknown words; leave the word out or add it"));

    public override void Encode(ReadOnlySpan<char> word, List<int> ids, List<int> widths)
    {
        Encode(word, ids);
        widths.Add(Encoding.UTF8.GetByteCount(word));
    }
}
