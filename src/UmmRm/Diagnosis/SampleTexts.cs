using UmmRm.Data;
using UmmRm.Tokenization;

namespace UmmRm.Diagnosis;

/// <summary>Texts to look at where no data were named: English where the tokenizer can read it, else words of its own vocabulary.</summary>
internal static class SampleTexts
{
    private static readonly (string Prompt, string Response)[] English =
    [
        ("What is the capital of France?", "The capital of France is Paris."),
        ("Name three primary colours.", "Red, yellow and blue."),
        ("Why is the sky blue?", "Because the air scatters short waves of light more than long ones, so that blue reaches the eye from all sides."),
        ("2 + 2 =", "4"),
    ];

    private static readonly int[] Lengths = [1, 3, 7, 4];

    /// <summary>A few prompts with responses of unlike lengths.</summary>
    public static IReadOnlyList<Completion> For(Tokenizer tokenizer)
    {
        try
        {
            foreach (var (prompt, response) in English)
                tokenizer.Encode($"{prompt} {response}");
            return [.. English.Select(text => new Completion(Conversation.FromPrompt(text.Prompt), text.Response))];
        }
        catch (InvalidDataException) // a word-level vocabulary without an unknown token
        {
            return [.. Lengths.Select((length, i) => new Completion(Conversation.FromPrompt(Words(tokenizer, 10 * i, 3) + " "), Words(tokenizer, (10 * i) + 5, length)))];
        }
    }

    private static string Words(Tokenizer tokenizer, int from, int count)
    {
        var ordinary = Enumerable.Range(0, tokenizer.VocabularySize).Where(id => tokenizer.TokenOf(id) is not null && !tokenizer.IsSpecial(id)).ToList();
        return tokenizer.Decode([.. Enumerable.Range(from, count).Select(i => ordinary[i % ordinary.Count])]);
    }
}
