using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Training;

/// <summary>
/// METHOD 1's loss, in nats a pair: -log sigmoid(r+ - r- - margin), with the options named there. The plain loss is the default;
/// ln 2 means no preference at all.
/// </summary>
public sealed record BradleyTerryLoss
{
    /// <summary>c in c (r+ + r-)^2, which keeps scores near 0; 0 switches it off.</summary>
    public double Center { get; init; }

    /// <summary>w in w / 2 (r+^2 + r-^2); 0 switches it off, 1e-3 is arXiv 2310.02743's code.</summary>
    public double ScoreL2 { get; init; }

    /// <summary>Probability with which a label is taken to be wrong, 0 .. 0.5.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>The loss of each pair.</summary>
    /// <param name="chosen">[n] r+.</param>
    /// <param name="rejected">[n] r-.</param>
    /// <param name="margins">[n] m, or null for 0.</param>
    /// <param name="labels">[n] probability that the chosen response is the better one, or null for 1; a tie is 0.5.</param>
    /// <returns>[n].</returns>
    public Tensor PerPair(Tensor chosen, Tensor rejected, Tensor? margins = null, Tensor? labels = null)
    {
        using var scope = NewDisposeScope();
        var difference = chosen - rejected;
        if (margins is not null)
            difference -= margins;
        var loss = -nn.functional.logsigmoid(difference);
        if (labels is not null || LabelSmoothing > 0)
        {
            var right = (labels ?? ones_like(chosen)).Times(1 - 2 * LabelSmoothing).Plus(LabelSmoothing);
            loss = right.mul(loss).sub(right.MinusFrom(1).mul(nn.functional.logsigmoid(-difference)));
        }
        if (Center > 0)
            loss = loss.PlusScaled(Squared(chosen.Plus(rejected)), Center);
        if (ScoreL2 > 0)
            loss = loss.PlusScaled(Squared(chosen).Plus(Squared(rejected)), 0.5 * ScoreL2);
        return loss.MoveToOuterDisposeScope();
    }

    private static Tensor Squared(Tensor x) => x.mul(x);
}
