using System.Runtime.InteropServices;
using UmmRm.Models;
using UmmRm.Runtime;
using UmmRm.Tokenization;
using UmmRm.Weights;

namespace UmmRm.Recipes;

/// <summary>Writes a language model with random weights, tensor by tensor: matrices normal, biases 0, norms 1.</summary>
public sealed class InitExecutor : IStageExecutor<InitStage>
{
    private const int BlockElements = 1 << 16;

    /// <inheritdoc/>
    public void Execute(InitStage stage, StageContext context)
    {
        var tokenizerFolder = context.TokenizerOf(stage.Tokenizer);
        var tokenizer = Tokenizer.Load(tokenizerFolder);
        var special = SpecialTokens.Read(tokenizerFolder, tokenizer);
        var config = stage.ToModelConfig(tokenizer.VocabularySize) with { PadTokenId = special.Pad, BosTokenId = special.Begin, EosTokenIds = special.End is { } end ? [end] : [] };
        if (config.VocabSize < tokenizer.VocabularySize)
            throw new ArgumentException($"stages.{stage.Name}.vocab_size is {config.VocabSize}; the tokenizer in {tokenizerFolder} has {tokenizer.VocabularySize} tokens, and each needs a row");
        var type = stage.Dtype == StorageType.BFloat16 ? TensorType.BF16 : TensorType.F32;
        var tensors = new ComputedTensors();
        using (var shape = new CausalLM(config)) // never touched: only names and shapes are asked for, so its memory stays unused
        {
            foreach (var (name, parameter) in shape.named_parameters().DistinctBy(p => p.parameter.Handle))
                tensors.Add(new TensorInfo(name, type, parameter.shape), Values(name, parameter.shape.Length, stage.InitializerRange, context.Seed, type));
        }
        Checkpoint.Write(context.Output(), HuggingFaceConfig.Create(config), tensors, tokenizerFolder, options: context.WriteOptions("writing"));
    }

    /// <summary>
    /// The bytes of a tensor from any offset on: normal for matrices, constant for vectors. Values are drawn in blocks with a stream each, so that they do not
    /// depend on how the tensor is read.
    /// </summary>
    private static TensorBytes Values(string name, int dimensions, double deviation, long seed, TensorType type)
    {
        var random = new SeededRandom(seed).Fork(name);
        var constant = name.EndsWith("bias", StringComparison.Ordinal) ? 0f : 1f;
        var size = type.Bits / 8;
        return (offset, destination) =>
        {
            for (var at = 0; at < destination.Length;)
            {
                var (block, skip) = Math.DivRem(offset + at, (long)BlockElements * size);
                var values = Block(dimensions < 2 ? null : random.Fork($"block {block}"), constant, deviation, type);
                var count = Math.Min(values.Length - (int)skip, destination.Length - at);
                values.AsSpan((int)skip, count).CopyTo(destination[at..]);
                at += count;
            }
        };
    }

    /// <summary>The bytes of one block of values.</summary>
    private static byte[] Block(SeededRandom? random, float constant, double deviation, TensorType type)
    {
        var values = new float[BlockElements];
        for (var i = 0; i < values.Length; i++)
            values[i] = random is null ? constant : (float)(random.NextGaussian() * deviation);
        return type == TensorType.F32 ? MemoryMarshal.AsBytes(values.AsSpan()).ToArray() : MemoryMarshal.AsBytes(Array.ConvertAll(values, BFloat16Bits).AsSpan()).ToArray();
    }

    /// <summary>The nearest bfloat16, ties to even.</summary>
    private static ushort BFloat16Bits(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }
}
