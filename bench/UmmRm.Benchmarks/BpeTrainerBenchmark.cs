using System.Diagnostics;
using System.Text;
using UmmRm.Tokenization;

namespace UmmRm.Benchmarks;

/// <summary>
/// Training a byte-level BPE tokenizer of 8,192 tokens on one thread: 10 MB of made-up text with the word statistics of a natural one, or a file of one's own.
/// </summary>
internal static class BpeTrainerBenchmark
{
    private const int VocabularySize = 8192;
    private const int NoMerges = 256; // the bytes alone
    private const int TextBytes = 10_000_000;
    private const int DistinctWords = 100_000;

    /// <param name="arguments">A text file to train on instead.</param>
    public static void Run(string[] arguments)
    {
        var text = arguments.Length > 0 ? File.ReadAllText(arguments[0]) : MadeUpText();
        var megabytes = Encoding.UTF8.GetByteCount(text) / 1e6;
        Train(text[..Math.Min(text.Length, 200_000)]); // the code is compiled before it is timed
        var (reading, _) = Train(text, NoMerges);
        var (seconds, training) = Train(text);
        Console.WriteLine($"{megabytes:0.0} MB, {training.Merges.Count} merges: {seconds:0.00} s, of which {reading:0.00} s cut and count words ({megabytes / seconds:0.0} MB/s)");
        using var process = Process.GetCurrentProcess();
        Console.WriteLine($"peak memory {process.PeakWorkingSet64 / 1e6:0} MB, the text itself {2 * text.Length / 1e6:0} MB of it");
    }

    private static (double Seconds, BpeTraining Training) Train(string text, int vocabularySize = VocabularySize)
    {
        var watch = Stopwatch.StartNew();
        var training = BpeTrainer.Train(BpeTrainer.Lines([text]), new BpeTrainerSettings { VocabularySize = vocabularySize });
        return (watch.Elapsed.TotalSeconds, training);
    }

    /// <summary>Sentences of words of one to five syllables; the n-th word comes with a frequency of 1/n (Zipf's law); numbers between some sentences.</summary>
    private static string MadeUpText()
    {
        var random = new Random(1);
        var words = Enumerable.Range(0, DistinctWords).Select(rank => Word(random, 1 + (int)(Math.Log2(rank + 2) / 4))).ToArray();
        var text = new StringBuilder();
        while (text.Length < TextBytes)
        {
            for (var count = random.Next(4, 25); count > 0; count--)
                text.Append(words[(int)Math.Pow(DistinctWords, random.NextDouble()) - 1]).Append(count == 1 ? "." : random.Next(12) == 0 ? ", " : " ");
            text.Append(random.Next(4) == 0 ? "\n" : $" {random.Next(10_000)} ");
        }
        return text.ToString();
    }

    private static string Word(Random random, int syllables)
    {
        const string consonants = "ttnnssrrhhllddcmfpgwybvk";
        const string vowels = "eeeaaooiiuy";
        var word = new StringBuilder();
        for (; syllables > 0; syllables--)
        {
            word.Append(consonants[random.Next(consonants.Length)]).Append(vowels[random.Next(vowels.Length)]);
            if (random.Next(2) == 0)
                word.Append(consonants[random.Next(consonants.Length)]);
        }
        if (random.Next(8) == 0)
            word[0] = char.ToUpperInvariant(word[0]);
        return word.ToString();
    }
}
