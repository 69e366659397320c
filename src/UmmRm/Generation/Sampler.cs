using UmmRm.Models;
using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Generation;

/// <summary>How continuations are drawn.</summary>
public sealed record SamplingSettings
{
    /// <summary>Divides the logits; 0 takes the most likely token (greedy).</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Draws from the smallest set of tokens whose probability reaches this, in (0, 1]; 1 draws from all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Most tokens of a continuation, the end token included.</summary>
    public required int MaxNewTokens { get; init; }

    /// <summary>Tokens that end a continuation.</summary>
    public required IReadOnlyList<int> EndIds { get; init; }

    /// <summary>The id that fills prompts up on the left.</summary>
    public required int PadId { get; init; }

    /// <summary>Fixes the draws. A prompt's draws depend on this and on its place in the list, not on the batch it runs in.</summary>
    public long Seed { get; init; }

    /// <summary>Prompts that run together.</summary>
    public int BatchSize { get; init; } = 32;
}

/// <summary>What a policy wrote.</summary>
/// <param name="Ids">The new tokens; the end token is the last one when <paramref name="Ended"/>.</param>
/// <param name="Ended">false when the length limit cut it.</param>
public sealed record Continuation(int[] Ids, bool Ended);

/// <summary>Draws continuations from a language model, with a key-value cache, many prompts at a time.</summary>
public sealed class Sampler(CausalLM model, SamplingSettings settings)
{
    /// <summary>One continuation for each prompt, in their order.</summary>
    /// <param name="prompts">Token ids, each at least one long.</param>
    /// <param name="progress">Called with the number of prompts done.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="ArgumentException">A prompt is empty or does not fit; the message names it.</exception>
    public Continuation[] Generate(IReadOnlyList<int[]> prompts, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        var limit = model.Decoder.Config.MaxPositions;
        for (var i = 0; i < prompts.Count; i++)
        {
            if (prompts[i].Length == 0 || prompts[i].Length + settings.MaxNewTokens > limit)
                throw new ArgumentException($"prompt {i} has {prompts[i].Length} tokens; with {settings.MaxNewTokens} new ones it must fit the model's {limit} positions, and it must not be empty");
        }
        using var _ = no_grad();
        using var weights = model.Decoder.FixWeights();
        var results = new Continuation[prompts.Count];
        var done = 0;
        foreach (var batch in Enumerable.Range(0, prompts.Count).OrderByDescending(i => prompts[i].Length).Chunk(settings.BatchSize))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            Run([.. batch.Select(i => new Row(i, prompts[i], new SeededRandom(settings.Seed).Fork($"prompt {i}")))], results);
            progress?.Invoke(done += batch.Length);
        }
        return results;
    }

    private void Run(List<Row> rows, Continuation[] results)
    {
        using var cache = new KeyValueCache(model.Decoder.Config.NumLayers);
        var width = rows.Max(row => row.Prompt.Length);
        var ids = LeftPadded(rows, width, row => row.Prompt.Select(id => (long)id), settings.PadId);
        var positions = LeftPadded(rows, width, row => Enumerable.Range(0, row.Prompt.Length).Select(i => (long)i), fill: 0);
        var logits = NextLogits(new TokenInput(ids, positions) { Gaps = Padding(rows, width) }, cache);
        while (true)
        {
            var drawn = Draw(logits, rows);
            var kept = Accept(rows, drawn, results);
            if (kept.Count == 0)
                return;
            if (kept.Count < rows.Count)
            {
                var index = tensor(kept.Select(i => (long)i).ToArray(), device: Device);
                cache.Select(index);
                drawn = [.. kept.Select(i => drawn[i])];
                rows = [.. kept.Select(i => rows[i])];
            }
            positions = tensor(rows.Select(row => (long)row.Prompt.Length + row.New.Count - 1).ToArray(), device: Device).unsqueeze(1);
            logits = NextLogits(new TokenInput(tensor(drawn, device: Device).unsqueeze(1), positions) { Gaps = Padding(rows, width) }, cache);
        }
    }

    private Device Device => model.Decoder.Embedding.device;

    /// <summary>[b, v] logits of the token after the last one given, in the compute type.</summary>
    private Tensor NextLogits(TokenInput input, KeyValueCache cache)
    {
        using var scope = NewDisposeScope();
        var hidden = model.Hidden(input, cache);
        return model.Logits(hidden.select(1, hidden.shape[1] - 1)).MoveToOuterDisposeScope();
    }

    /// <summary>One token a row: the most likely one, or by inverse transform of each row's own next uniform number. The logits may be overwritten.</summary>
    private long[] Draw(Tensor logits, List<Row> rows)
    {
        if (settings.Temperature > 0 && settings.TopP == 1 && Simd.Takes(logits))
            return CategoricalDraw.Draw(logits, settings.Temperature, [.. rows.Select(row => row.Random.NextDouble())]);
        using var scope = NewDisposeScope();
        logits = logits.to_type(ScalarType.Float32);
        if (settings.Temperature == 0)
            return [.. logits.argmax(-1).cpu().data<long>()];
        var probabilities = logits.Over(settings.Temperature).softmax(-1);                                                                // [b, v]
        Tensor? order = null;
        if (settings.TopP < 1)
        {
            (probabilities, order) = probabilities.sort(-1, descending: true);
            var before = probabilities.cumsum(-1).sub(probabilities);                                                                       // mass of more likely tokens
            probabilities = probabilities.masked_fill(before.ge(Scalars.Of(settings.TopP)), Scalars.Of(0));
        }
        var cumulative = probabilities.cumsum(-1);
        var total = cumulative.narrow(1, cumulative.shape[1] - 1, 1);
        var uniform = tensor(rows.Select(row => (float)row.Random.NextDouble()).ToArray(), device: logits.device).unsqueeze(1).mul(total);
        var index = searchsorted(cumulative, uniform, right: true).clamp_max(Scalars.Whole(cumulative.shape[1] - 1));
        return [.. (order is null ? index : order.gather(1, index)).view(-1).cpu().data<long>()];
    }

    /// <summary>Appends the drawn tokens, files finished rows, and returns the places of those that go on.</summary>
    private List<int> Accept(List<Row> rows, long[] drawn, Continuation[] results)
    {
        var kept = new List<int>();
        for (var i = 0; i < rows.Count; i++)
        {
            rows[i].New.Add((int)drawn[i]);
            var ended = settings.EndIds.Contains((int)drawn[i]);
            if (ended || rows[i].New.Count == settings.MaxNewTokens)
                results[rows[i].Index] = new Continuation([.. rows[i].New], ended);
            else
                kept.Add(i);
        }
        return kept;
    }

    /// <summary>What a text must not see: its padding.</summary>
    private static KeyGap[] Padding(List<Row> rows, int width) => [.. rows.Select(row => new KeyGap(0, width - row.Prompt.Length))];

    private Tensor LeftPadded(List<Row> rows, int width, Func<Row, IEnumerable<long>> values, long fill)
    {
        var flat = rows.SelectMany(row => Enumerable.Repeat(fill, width - row.Prompt.Length).Concat(values(row))).ToArray();
        return tensor(flat, device: Device).view(rows.Count, width);
    }

    private sealed record Row(int Index, int[] Prompt, SeededRandom Random)
    {
        public List<int> New { get; } = [];
    }
}
