using System.Runtime.InteropServices;

namespace UmmRm.Tokenization;

/// <summary>
/// Trains a byte-level BPE tokenizer (Sennrich et al. 2016, on bytes as GPT-2 does): the most frequent pair of adjacent tokens becomes a token, until
/// the vocabulary is full. Vocabulary and merges, ties included, are those of Hugging Face's trainer.
/// </summary>
public static class BpeTrainer
{
    /// <summary>Cuts texts into lines, each with its newline, as <see cref="Train"/> wants them.</summary>
    public static IEnumerable<string> Lines(IEnumerable<string> texts)
    {
        foreach (var text in texts)
        {
            for (int start = 0, end; start < text.Length; start = end)
            {
                var newline = text.IndexOf('\n', start);
                end = newline < 0 ? text.Length : newline + 1;
                yield return text[start..end];
            }
        }
    }

    /// <summary>
    /// Trains on lines. Each is cut into words by GPT-2's pattern, alone; then the pair of adjacent tokens with the highest count is merged everywhere, left
    /// to right, again and again. Ties go to the smallest left id, then the smallest right id. Counts are of positions, overlapping ones
    /// too: <c>aaa</c> holds (a, a) twice.
    /// </summary>
    /// <param name="lines">The text, read once; a newline belongs to the line that it ends. Half a surrogate pair counts as U+FFFD.</param>
    /// <param name="settings">Size and special tokens. Special tokens are not looked for in the text.</param>
    /// <param name="progress">Told the size of the vocabulary after every merge.</param>
    /// <param name="cancellation">Stops the training between two lines or two merges.</param>
    /// <exception cref="ArgumentException">The vocabulary is too small for the bytes and the special tokens, or another setting cannot be met.</exception>
    /// <exception cref="InvalidDataException">There is no text.</exception>
    public static BpeTraining Train(IEnumerable<string> lines, BpeTrainerSettings settings, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        settings.Check();
        var special = settings.AllSpecialTokens;
        var bytes = Enumerable.Range(0, 256).Select(value => ByteAlphabet.CharacterOf((byte)value).ToString()).ToArray();
        var tokens = special.Union(bytes.Order(StringComparer.Ordinal)).ToList();
        if (settings.VocabularySize < tokens.Count)
            throw new ArgumentException($"the vocabulary size is {settings.VocabularySize}; with {special.Count} special tokens it must be at least {tokens.Count}, because every byte is a token");
        var ids = tokens.Index().ToDictionary(token => token.Item, token => token.Index);
        var words = Count(lines, cancellation);
        if (words.Count == 0)
            throw new InvalidDataException("there is no text to train a tokenizer on; check that the data has rows and that their texts are not empty");
        var merges = Merge(new BpeWords(words, [.. bytes.Select(character => ids[character])]), tokens, ids, settings, progress, cancellation);
        return new BpeTraining(tokens, merges, settings);
    }

    private static Dictionary<string, long> Count(IEnumerable<string> lines, CancellationToken cancellation)
    {
        var words = new Dictionary<string, long>();
        var lookup = words.GetAlternateLookup<ReadOnlySpan<char>>();
        var scanner = new Gpt2Scanner();
        var spans = new List<TokenSpan>();
        foreach (var line in lines)
        {
            cancellation.ThrowIfCancellationRequested();
            spans.Clear();
            scanner.Find(line, spans);
            foreach (var (start, end) in spans)
                CollectionsMarshal.GetValueRefOrAddDefault(lookup, line.AsSpan(start..end), out _)++;
        }
        return words;
    }

    /// <summary>Merges until the vocabulary is full or no pair is frequent enough; adds to the tokens and their ids.</summary>
    private static List<BpeMerge> Merge(
        BpeWords words, List<string> tokens, Dictionary<string, int> ids, BpeTrainerSettings settings, Action<int>? progress, CancellationToken cancellation)
    {
        var merges = new List<BpeMerge>();
        while (tokens.Count < settings.VocabularySize && words.TakeMostFrequent() is { } best && best.Count >= settings.MinFrequency)
        {
            cancellation.ThrowIfCancellationRequested();
            var (left, right) = (tokens[best.Pair.Left], tokens[best.Pair.Right]);
            if (!ids.TryGetValue(left + right, out var id)) // a special token may spell the same
            {
                id = tokens.Count;
                ids.Add(left + right, id);
                tokens.Add(left + right);
            }
            merges.Add(new BpeMerge(left, right, best.Count));
            words.Merge(best.Pair, id);
            progress?.Invoke(tokens.Count);
        }
        return merges;
    }
}
