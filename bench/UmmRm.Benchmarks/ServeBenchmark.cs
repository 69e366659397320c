using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using UmmRm.Cli.Serving;
using UmmRm.Data;
using UmmRm.Models;
using UmmRm.Rewards;
using UmmRm.Runtime;
using UmmRm.Tokenization;

namespace UmmRm.Benchmarks;

/// <summary>A reward server under 64 clients over loopback, against the offline batched scorer on the same texts in the same process and with as many threads.</summary>
internal static class ServeBenchmark
{
    private const int Clients = 64;
    private const int TokenBudget = 8192;

    private sealed record Answered(int Text, double Score, double Seconds);

    public static void Run(Report report, string[] arguments)
    {
        var seconds = Number(arguments, "--seconds", 120);
        var workers = Number(arguments, "--workers", Environment.ProcessorCount);
        var texts = Texts(2048);
        using var model = RandomModel.Fill(new RewardModel(RandomModel.Config(256, 6, 4, 768, 4096)));
        model.eval();
        var encoder = Encoder();
        int[][] ids = [.. texts.Select(text => encoder.EncodeText(text, addSpecialTokens: false))];
        using var reward = new ModelReward("d256", model, encoder, padId: 0, TokenBudget);
        var before = Offline(reward, texts, workers, out var expected);
        var (answers, overload, memory) = Serve(reward, texts, workers, seconds).GetAwaiter().GetResult();
        var after = Offline(reward, texts, workers, out _);
        Print(report, ids, workers, seconds, (before + after) / 2, expected, answers, overload, memory);
    }

    private static void Print(Report report, int[][] ids, int workers, int seconds, double offline, double[] expected, List<Answered> answers, (int Done, int Refused, double P99) overload, List<double> memory)
    {
        var served = answers.Count / (double)seconds;
        var times = answers.Select(answer => answer.Seconds).Order().ToList();
        report.Heading("Reward server under load", "serve");
        report.Line($"Llama of width 256, 6 layers, 4 heads, feed-forward 768, float32; {ids.Length} texts of {ids.Min(text => text.Length)} to {ids.Max(text => text.Length)} tokens (mean {ids.Average(text => text.Length):f0}), one a request as OpenRLHF sends them. {Clients} clients over loopback in this process for {seconds} s, {workers} workers of one thread, at most {TokenBudget} tokens a pass. Offline: the same texts in one list for each of as many threads, tokenizing included, the mean of a run before and a run after.");
        report.Line();
        report.Head("", "value");
        report.Row("offline, texts/s", $"{offline:f0}");
        report.Row("served, texts/s", $"{served:f0}");
        report.Row("served / offline", $"{served / offline:p0}");
        report.Row("requests answered", $"{answers.Count}");
        report.Row("median time, ms", $"{1000 * times[times.Count / 2]:f1}");
        report.Row("p99 time, ms", $"{1000 * times[(int)(times.Count * 0.99)]:f1}");
        report.Row("largest difference from the offline score", answers.Max(answer => Math.Abs(answer.Score - expected[answer.Text])).ToString("e1", CultureInfo.InvariantCulture));
        report.Row("resident memory after a quarter and at the end, MB", $"{memory[memory.Count / 4]:f0}, {memory[^1]:f0}");
        report.Row("overload, 64 clients and a queue of 16: answered, refused (429)", $"{overload.Done}, {overload.Refused}");
        report.Row("overload: p99 time of answers, ms", $"{1000 * overload.P99:f1}");
    }

    private static double Offline(ModelReward reward, string[] texts, int workers, out double[] scores)
    {
        var parts = texts.Index().GroupBy(text => text.Index % workers).Select(part => part.ToArray()).ToArray();
        var all = new double[texts.Length];
        var watch = Stopwatch.StartNew();
        var threads = parts.Select(part => new Thread(() =>
        {
            LibTorch.UseThreads(1);
            var own = reward.Score([.. part.Select(text => reward.Encoder.EncodeText(text.Item, addSpecialTokens: false))]);
            for (var i = 0; i < part.Length; i++)
                all[part[i].Index] = own[i];
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        scores = all;
        return texts.Length / watch.Elapsed.TotalSeconds;
    }

    private static async Task<(List<Answered> Answers, (int, int, double) Overload, List<double> Memory)> Serve(ModelReward reward, string[] texts, int workers, int seconds)
    {
        var settings = new ServeSettings { Port = 0, Workers = workers, TokenBudget = TokenBudget };
        var memory = new List<double>();
        List<Answered> answers;
        await using (var server = await RewardServer.Start(settings, [new ServedModel("d256", reward)], Console.Error.WriteLine))
        {
            await Load(server.Address, texts, 3);
            using var stop = new CancellationTokenSource();
            var watching = Task.Run(async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    memory.Add(Environment.WorkingSet / 1e6);
                    await Task.Delay(1000);
                }
            });
            (answers, _) = await Load(server.Address, texts, seconds);
            await stop.CancelAsync();
            await watching;
        }
        await using var small = await RewardServer.Start(settings with { QueueLimit = 16 }, [new ServedModel("d256", reward)], Console.Error.WriteLine);
        var (done, refused) = await Load(small.Address, texts, Math.Min(10, seconds));
        return (answers, (done.Count, refused, done.Select(answer => answer.Seconds).Order().ElementAt((int)(done.Count * 0.99))), memory);
    }

    private static async Task<(List<Answered> Answers, int Refused)> Load(Uri address, string[] texts, int seconds)
    {
        using var client = new HttpClient { BaseAddress = address };
        var end = Stopwatch.GetTimestamp() + (seconds * Stopwatch.Frequency);
        var (next, refused) = (0, 0);
        var answers = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            List<Answered> own = [];
            while (Stopwatch.GetTimestamp() < end)
            {
                var text = Interlocked.Increment(ref next) % texts.Length;
                var started = Stopwatch.GetTimestamp();
                using var content = new StringContent($$"""{"query": [{{JsonSerializer.Serialize(texts[text])}}], "prompts": [""], "labels": [""]}""", Encoding.UTF8, "application/json");
                using var response = await client.PostAsync("/get_reward", content);
                if (!response.IsSuccessStatusCode)
                {
                    Interlocked.Increment(ref refused);
                    await Task.Delay(20); // a client that heeds Retry-After would wait longer
                    continue;
                }
                using var answer = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
                own.Add(new Answered(text, answer.RootElement.GetProperty("rewards")[0].GetDouble(), Stopwatch.GetElapsedTime(started).TotalSeconds));
            }
            return own;
        })));
        return ([.. answers.SelectMany(own => own)], refused);
    }

    private static string[] Texts(int count)
    {
        var random = new SeededRandom(1);
        return [.. Enumerable.Range(0, count).Select(_ => string.Join(' ', Enumerable.Range(0, 32 + random.NextInt(224)).Select(_ => $"w{4 + random.NextInt(4092)}")))];
    }

    private static SequenceEncoder Encoder()
    {
        var folder = Directory.CreateTempSubdirectory("ummrm-bench-").FullName;
        WordLevelTokenizer.Create(["<pad>", "<bos>", "<eos>", "<unk>"], Enumerable.Range(4, 4092).Select(id => $"w{id}"), bosToken: "<bos>", eosToken: "<eos>", padToken: "<pad>", unknownToken: null).Save(folder);
        var tokenizer = Tokenizer.Load(folder);
        Directory.Delete(folder, recursive: true);
        return new SequenceEncoder(tokenizer, PromptTemplate.Resolve("raw", folder), endId: 2, maxLength: 2048);
    }

    private static int Number(string[] arguments, string name, int otherwise) =>
        Array.IndexOf(arguments, name) is >= 0 and var at ? int.Parse(arguments[at + 1], CultureInfo.InvariantCulture) : otherwise;
}
