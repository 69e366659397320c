using System.Runtime.InteropServices;
using UmmRm.Data;
using UmmRm.Generation;
using UmmRm.Models;
using UmmRm.Tokenization;
using static TorchSharp.torch;

namespace UmmRm.Ppo;

/// <summary>A prompt as text and as the policy reads it.</summary>
/// <param name="Text">What rewards see.</param>
/// <param name="Ids">What the policy continues, at least one token.</param>
public sealed record PolicyPrompt(Conversation Text, int[] Ids);

/// <summary>Lets the policy answer prompts, and measures each answer under policy, reference and value head.</summary>
/// <param name="model">The policy.</param>
/// <param name="encoder">The way from the policy's tokens to text.</param>
/// <param name="sampling">How responses are drawn; the seed is given with each call.</param>
/// <param name="tokenBudget">Most tokens of one forward pass, padding included.</param>
public sealed class RolloutSampler(ActorCritic model, SequenceEncoder encoder, SamplingSettings sampling, int tokenBudget)
{
    /// <summary>The id that fills rows up.</summary>
    public int PadId => sampling.PadId;

    /// <summary>One response to each prompt, drawn and measured.</summary>
    /// <param name="prompts">The prompts.</param>
    /// <param name="seed">Fixes the draws.</param>
    /// <exception cref="ArgumentException">A prompt is empty, or with the longest response it does not fit the policy's positions; the message names its place.</exception>
    public IReadOnlyList<Rollout> Draw(IReadOnlyList<PolicyPrompt> prompts, long seed)
    {
        using var batch = Measure(prompts, [.. Enumerable.Range(0, prompts.Count)], Respond(prompts, seed), keepTrunk: false);
        return batch.Rollouts;
    }

    /// <summary>One response to each prompt, as texts alone.</summary>
    public IReadOnlyList<Completion> Answer(IReadOnlyList<PolicyPrompt> prompts, long seed) =>
        [.. Respond(prompts, seed).Select((response, i) => encoder.DecodeResponse(prompts[i].Text, response.Ids, response.Ended))];

    /// <summary>One response to each prompt, as tokens.</summary>
    internal Continuation[] Respond(IReadOnlyList<PolicyPrompt> prompts, long seed) =>
        new Sampler(model.Policy, sampling with { Seed = seed }).Generate([.. prompts.Select(prompt => prompt.Ids)]);

    /// <summary>Measures responses, each portion of like length in one pass of the trunk and one of each end above it.</summary>
    /// <param name="prompts">The prompts.</param>
    /// <param name="indices">Their indices, for the records.</param>
    /// <param name="responses">A response to each.</param>
    /// <param name="keepTrunk">Whether the trunk's output is kept for passes to come.</param>
    internal RolloutBatch Measure(IReadOnlyList<PolicyPrompt> prompts, IReadOnlyList<int> indices, IReadOnlyList<Continuation> responses, bool keepTrunk)
    {
        using var noGradients = no_grad();
        using var fixedWeights = model.Policy.Decoder.FixWeights();
        using var scope = NewDisposeScope();
        var texts = prompts.Zip(responses, (prompt, response) => prompt.Ids.Concat(response.Ids).ToArray()).Select((ids, i) => new EncodedText(ids, prompts[i].Ids.Length, i)).ToList();
        var (rollouts, starts, trunks, tokens) = (new Rollout[texts.Count], new int[texts.Count], new List<Tensor>(), 0);
        foreach (var portion in BatchPlan.ByLength(texts, text => text.Ids.Length, tokenBudget))
        {
            using var inner = NewDisposeScope();
            using var batch = TextBatch.Create(portion, sampling.PadId, model.Policy.Decoder.Embedding.device);
            var trunk = model.HasTrunk ? model.Trunk(RolloutBatch.Input(batch).Input) : null;
            foreach (var text in portion)
                (starts[text.Index], tokens) = (tokens, tokens + text.Ids.Length);
            var first = starts[portion[0].Index];
            var measured = Measure(batch, RolloutBatch.Input(batch) with { Trunk = trunk, TrunkStarts = [.. portion.Select(text => starts[text.Index] - first)] });
            var from = 0;
            foreach (var text in portion)
            {
                var (prompt, response, own) = (prompts[text.Index], responses[text.Index], from..(from += text.Ids.Length - text.ResponseStart));
                rollouts[text.Index] = new Rollout
                {
                    Prompt = indices[text.Index],
                    Completion = encoder.DecodeResponse(prompt.Text, response.Ids, response.Ended),
                    Text = text,
                    LogProbabilities = measured.Policy[own],
                    ReferenceLogProbabilities = measured.Reference[own],
                    Values = measured.Values[own],
                    Entropies = measured.Entropies[own],
                };
            }
            if (keepTrunk && trunk is not null)
                trunks.Add(trunk.MoveToOtherDisposeScope(scope));
        }
        var whole = trunks.Count == 0 ? null : (trunks.Count == 1 ? trunks[0] : cat(trunks)).DetachFromDisposeScope();
        return new RolloutBatch(rollouts, whole, starts);
    }

    /// <summary>What the models say of a portion's response tokens, row after row.</summary>
    private (double[] Policy, double[] Reference, double[] Values, double[] Entropies) Measure(TextBatch batch, ResponseInput input)
    {
        var vocabulary = model.Policy.Decoder.Config.VocabSize;
        var hidden = model.Hidden(input);
        var (policy, entropies) = TokenLogProbabilities.Measure(hidden, model.Logits, vocabulary, batch.Targets);
        var reference = TokenLogProbabilities.Measure(model.ReferenceHidden(input), model.ReferenceLogits, vocabulary, batch.Targets).LogProbabilities;
        return (policy, reference, Array.ConvertAll(Numbers(model.Values(hidden)), value => (double)value), entropies);
    }

    /// <summary>A vector's numbers on the host.</summary>
    internal static float[] Numbers(Tensor vector)
    {
        using var host = vector.detach().cpu().contiguous();
        return MemoryMarshal.Cast<byte, float>(host.bytes).ToArray();
    }
}
