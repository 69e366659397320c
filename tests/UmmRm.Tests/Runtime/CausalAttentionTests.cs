using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Tests.Runtime;

/// <summary>Attention by kernels against softmax(R(q) R(k)' / sqrt(hd)) v written out with an explicit mask, a row at a time.</summary>
public sealed class CausalAttentionTests
{
    public sealed record Case(string Name, int[] Lengths, int Heads, int Groups, int Width, int Rotated, KeyGap[]? Gaps)
    {
        public override string ToString() => Name;
    }

    private static readonly Case[] All =
    [
        new("one token", [1], 2, 2, 16, 16, null),
        new("grouped queries", [7, 7], 6, 2, 16, 16, null),
        new("odd width, part of it turned", [9, 9, 9], 2, 1, 10, 4, null),
        new("gaps", [12, 12, 12], 2, 2, 16, 16, [new(3, 8), new(0, 5), default]),
        new("rows of different lengths", [20, 20, 3, 11], 4, 2, 16, 16, [new(3, 8), new(10, 19), default, new(1, 10)]),
        new("several blocks", [300, 129], 2, 1, 32, 32, [new(100, 250), new(0, 128)]),
    ];

    public static TheoryData<Case, ScalarType> Cases
    {
        get
        {
            var data = new TheoryData<Case, ScalarType>();
            foreach (var c in All)
            {
                data.Add(c, ScalarType.Float32);
                data.Add(c, ScalarType.BFloat16);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void CausalAttention_AnyRows_EqualsTheFormula(Case c, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var (tokens, rows) = (c.Lengths.Sum(), new TokenRows(c.Lengths, c.Lengths.Max()));
        var angles = KernelTests.Random([1, tokens, 1, c.Rotated / 2], ScalarType.Float32, 9);
        var (cos, sin) = (angles.cos(), angles.sin());
        Tensor[] inputs = [Input(tokens, c.Heads * c.Width, type, 1), Input(tokens, c.Groups * c.Width, type, 2), Input(tokens, c.Groups * c.Width, type, 3)];
        KernelAssert.Same(
            x => [Formula(c, [.. x.Select(y => y.to_type(ScalarType.Float32))], cos, sin).to_type(type)],
            x => [CausalAttention.Forward(x[0], x[1], x[2], cos, sin, c.Width, rows, c.Gaps)],
            inputs, c.Name, factor: 4);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void KeyGap_Mask_HidesLaterKeysAndTheGap(Case c, ScalarType type)
    {
        using var scope = NewDisposeScope();
        _ = type;
        var t = c.Lengths.Max();
        var mask = KeyGap.Mask(c.Gaps, arange(t, dtype: ScalarType.Int64).unsqueeze(0), t);
        for (var row = 0; row < mask.shape[0]; row++)
            TensorAssert.Equal(Visible(t, c.Gaps?[row] ?? default), mask[row].contiguous(), $"row {row}");
    }

    private static Tensor Input(int tokens, int width, ScalarType type, int seed) => KernelTests.Random([1, tokens, width], type, seed);

    private static Tensor Visible(int t, KeyGap gap)
    {
        var allowed = new bool[t, t];
        for (var query = 0; query < t; query++)
        {
            for (var key = 0; key <= query; key++)
                allowed[query, key] = query < gap.End || key < gap.Start || key >= gap.End;
        }
        return tensor(allowed);
    }

    private static Tensor Formula(Case c, Tensor[] x, Tensor cos, Tensor sin)
    {
        var outputs = new List<Tensor>();
        var start = 0;
        for (var row = 0; row < c.Lengths.Length; start += c.Lengths[row++])
        {
            var t = c.Lengths[row];
            Tensor Heads(int which, int heads) => x[which].narrow(1, start, t).view(t, heads, c.Width);
            Tensor Turned(int which, int heads) => Turn(Heads(which, heads), cos[0].narrow(0, start, t), sin[0].narrow(0, start, t)).transpose(0, 1);
            var members = c.Heads / c.Groups;
            var keys = Turned(1, c.Groups).repeat_interleave(members, dim: 0);
            var values = Heads(2, c.Groups).transpose(0, 1).repeat_interleave(members, dim: 0);
            var scores = Turned(0, c.Heads).bmm(keys.transpose(1, 2)) / Math.Sqrt(c.Width);
            var weights = scores.masked_fill(Visible(t, c.Gaps?[row] ?? default).logical_not(), double.NegativeInfinity).softmax(-1);
            outputs.Add(weights.bmm(values).transpose(0, 1).reshape(1, t, -1));
        }
        return cat(outputs, 1);
    }

    private static Tensor Turn(Tensor heads, Tensor cos, Tensor sin)
    {
        var half = cos.shape[2];
        var (x, y, rest) = (heads.narrow(2, 0, half), heads.narrow(2, half, half), heads.narrow(2, 2 * half, heads.shape[2] - 2 * half));
        return cat([x * cos - y * sin, y * cos + x * sin, rest], 2);
    }
}
