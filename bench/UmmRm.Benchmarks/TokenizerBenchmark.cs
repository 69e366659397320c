using System.IO.Compression;
using System.Text;
using System.Text.Json;
using UmmRm.Tokenization;

namespace UmmRm.Benchmarks;

/// <summary>
/// Tokens a second on real text (harmless-base, one call a text, one thread, warm), cold and warm, with the time to load a tokenizer and to encode one word of
/// 1 MB. Processor time of the process, so that a busy machine does not spoil it. Needs the real data beside the checkout.
/// </summary>
internal static class TokenizerBenchmark
{
    public static void Run(string data)
    {
        var texts = ReadTexts(Path.Combine(data, "hh-rlhf", "harmless-base", "first-1500.jsonl.gz"));
        Console.WriteLine($"{texts.Count} texts, {texts.Sum(text => (long)Encoding.UTF8.GetByteCount(text)) / 1e6:F2} MB, {Environment.ProcessorCount} cores; processor time, best of 7");
        Console.WriteLine("tokenizer    load ms   M tokens/s cold   warm   with offsets   decode   1 MB word ms (2 MB)");
        foreach (var name in (string[])["gpt2", "neox", "qwen2.5", "llama3", "llama2"])
            Measure(name, Path.Combine(data, "tokenizers", name), texts);
    }

    private static void Measure(string name, string path, List<string> texts)
    {
        var load = Best(3, () => Tokenizer.Load(path));
        var tokenizer = Tokenizer.Load(path);
        var ids = new List<int[]>();
        var cold = Time(() => ids.AddRange(texts.Select(text => tokenizer.Encode(text))));
        double tokens = ids.Sum(row => (long)row.Length);
        var warm = Best(7, () => texts.ForEach(text => tokenizer.Encode(text)));
        var offsets = Best(2, () => texts.ForEach(text => tokenizer.EncodeWithOffsets(text)));
        var decode = Best(3, () => ids.ForEach(row => tokenizer.Decode(row)));
        var word = new string([.. Enumerable.Range(0, 2_000_000).Select(i => (char)('a' + (i * 7919L % 104729 % 26)))]);
        var one = Best(2, () => tokenizer.Encode(word[..1_000_000]));
        var two = Best(2, () => tokenizer.Encode(word));
        Console.WriteLine($"{name,-10} {load,9:F0} {tokens / cold / 1e3,17:F2} {tokens / warm / 1e3,6:F2} {tokens / offsets / 1e3,14:F2} {tokens / decode / 1e3,8:F2} {one,14:F0} ({two:F0})");
    }

    private static List<string> ReadTexts(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        List<string> texts = [];
        while (reader.ReadLine() is { } line)
        {
            using var row = JsonDocument.Parse(line);
            texts.AddRange(row.RootElement.EnumerateObject().Select(side => side.Value.GetString()!));
        }
        return texts;
    }

    private static double Best(int times, Action action) => Enumerable.Range(0, times).Min(_ => Time(action));

    private static double Time(Action action)
    {
        var before = Environment.CpuUsage.TotalTime;
        action();
        return (Environment.CpuUsage.TotalTime - before).TotalMilliseconds;
    }
}
