using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace UmmRm.Runtime;

/// <summary>
/// The softmax of causal attention, in place, over the keys that a query may see: those up to its own place, without its row's
/// <see cref="KeyGap"/>. Hidden keys get weight 0 whatever their score is.
/// </summary>
/// <param name="Gaps">One a batch row, or null for none.</param>
/// <param name="FirstRow">The batch row of the first matrix.</param>
/// <param name="Groups">Key heads: matrices of one batch row.</param>
/// <param name="Members">Query heads of a group: matrix rows of one token.</param>
internal readonly record struct GapSoftmax(IReadOnlyList<KeyGap>? Gaps, int FirstRow, int Groups, int Members)
{
    /// <summary>Scores [b * g, n * m, s] -> weights whose rows sum to 1; token i of the n stands at place <paramref name="first"/> + i of its row.</summary>
    public void Forward(Tensor scores, int first)
    {
        var softmax = this;
        var (queries, keys) = ((int)scores.shape[1], (int)scores.shape[2]);
        Simd.ForRows((int)scores.shape[0] * queries, scores.NumberOfElements, (_, from, to) =>
        {
            var rows = new TensorRows(scores, keys);
            for (var row = from; row < to; row++)
            {
                var (gap, end) = softmax.Visible(row, queries, first);
                ForwardRow(rows.Change(row, end), gap, end);
                rows.Written(row);
            }
        });
    }

    /// <summary>Gradients of the weights -> gradients of the scores: w (d - sum of w d), in place in <paramref name="gradients"/>.</summary>
    public void Backward(Tensor weights, Tensor gradients, int first)
    {
        var softmax = this;
        var (queries, keys) = ((int)weights.shape[1], (int)weights.shape[2]);
        Simd.ForRows((int)weights.shape[0] * queries, weights.NumberOfElements, (_, from, to) =>
        {
            var rows = new TensorRows(weights, keys);
            var changed = new TensorRows(gradients, keys);
            for (var row = from; row < to; row++)
            {
                var (gap, end) = softmax.Visible(row, queries, first);
                BackwardRow(rows.Read(row, end), changed.Change(row, end), gap, end);
                changed.Written(row);
            }
        });
    }

    /// <summary>The hidden gap of a matrix row's query, (0, 0) for none, and the key after its last visible one.</summary>
    private (KeyGap Gap, int End) Visible(int row, int queries, int first)
    {
        var end = first + row % queries / Members + 1;
        var gap = Gaps is null ? default : Gaps[FirstRow + row / queries / Groups];
        return (gap.End < end ? gap : default, end);
    }

    /// <summary>A row's vectors: its scores become weights up to <paramref name="end"/>, and 0 in the gap and beyond.</summary>
    public static void ForwardRow(Span<float> row, KeyGap gap, int end)
    {
        var visible = row[..Lanes.Whole(end)];
        visible[end..].Fill(float.NegativeInfinity);
        visible[gap.Start..gap.End].Fill(float.NegativeInfinity);
        var sum = Lanes.Exponentiate(visible, Lanes.Largest(visible));
        row[gap.Start..gap.End].Clear(); // before scaling: next to nothing divided by the sum is subnormal, and slow
        row[end..].Clear();
        Lanes.Scale(visible, 1 / sum);
    }

    [MethodImpl(Lanes.Loop)]
    private static void BackwardRow(ReadOnlySpan<float> weights, Span<float> gradients, KeyGap gap, int end)
    {
        var mean = Vector512.Create(Lanes.Dot(weights, gradients[..weights.Length]));
        for (var i = 0; i < weights.Length; i += Lanes.Width)
            Lanes.Store(Lanes.Load(weights, i) * (Lanes.Load(gradients, i) - mean), gradients, i);
        gradients[gap.Start..gap.End].Clear();
        gradients[end..].Clear();
    }
}
