using UmmRm.Runtime;

namespace UmmRm.Evaluation;

/// <summary>
/// A win rate without what length buys, after length-controlled AlpacaEval (arXiv 2404.04475): points are fitted by P(A better) = sigmoid(a + b tanh(d / SD(d))), d the difference of the answers' lengths, and the
/// rate is read at d = 0, sigmoid(a). Their term for each instruction's difficulty needs many models' results and is left out. A ridge of 0.001 / 2 on a and b keeps both finite.
/// </summary>
public static class LengthControl
{
    private const int Resamples = 2_000;
    private const double Ridge = 1e-3;

    /// <summary>The rate at equal lengths with its interval, from resamples of whole prompts that fit the curve anew.</summary>
    /// <param name="duels">Answered ones, at least one.</param>
    /// <param name="seed">Decides the resamples.</param>
    public static Proportion Of(IReadOnlyList<Duel> duels, long seed)
    {
        var rows = Rows(duels);
        var prompts = duels.Zip(rows).GroupBy(pair => pair.First.Prompt, pair => pair.Second).Select(group => group.ToArray()).ToArray();
        var random = new SeededRandom(seed).Fork("length control");
        var rates = new double[Resamples];
        for (var i = 0; i < Resamples; i++)
            rates[i] = AtEqualLength([.. Enumerable.Range(0, prompts.Length).SelectMany(_ => prompts[random.NextInt(prompts.Length)])]);
        Array.Sort(rates);
        return new Proportion(AtEqualLength(rows), new Interval(ClusterBootstrap.Quantile(rates, 0.025), ClusterBootstrap.Quantile(rates, 0.975)), Proportion.BootstrapMethod);
    }

    private static (double Length, double Points)[] Rows(IReadOnlyList<Duel> duels)
    {
        var differences = duels.Select(duel => (double)duel.LengthA - duel.LengthB).ToArray();
        var mean = differences.Average();
        var deviation = Math.Sqrt(differences.Sum(d => (d - mean) * (d - mean)) / differences.Length);
        var scale = deviation > 0 ? deviation : Math.Max(1, Math.Abs(mean)); // one difference throughout cannot be told from quality
        return [.. duels.Select((duel, i) => (Math.Tanh(differences[i] / scale), duel.Points!.Value))];
    }

    /// <summary>sigmoid(a) of the best a and b, by Newton's method with halved steps.</summary>
    private static double AtEqualLength((double Length, double Points)[] rows)
    {
        var (a, b, loss) = (0.0, 0.0, Loss(rows, 0, 0));
        for (var round = 0; round < 50; round++)
        {
            var (ga, gb, haa, hab, hbb) = (Ridge * a, Ridge * b, Ridge, 0.0, Ridge);
            foreach (var (x, y) in rows)
            {
                var p = Sigmoid(a + b * x);
                var w = p * (1 - p);
                (ga, gb, haa, hab, hbb) = (ga + p - y, gb + (p - y) * x, haa + w, hab + w * x, hbb + w * x * x);
            }
            var determinant = haa * hbb - hab * hab;
            var (da, db) = ((hbb * ga - hab * gb) / determinant, (haa * gb - hab * ga) / determinant);
            var step = 1.0;
            while (step > 1e-6 && Loss(rows, a - step * da, b - step * db) > loss)
                step /= 2;
            (a, b) = (a - step * da, b - step * db);
            var next = Loss(rows, a, b);
            if (loss - next < 1e-12)
                break;
            loss = next;
        }
        return Sigmoid(a);
    }

    private static double Loss((double Length, double Points)[] rows, double a, double b)
    {
        var sum = Ridge / 2 * (a * a + b * b);
        foreach (var (x, y) in rows)
        {
            var z = a + b * x;
            sum += Math.Max(z, 0) - z * y + Math.Log(1 + Math.Exp(-Math.Abs(z))); // softplus(z) - y z
        }
        return sum;
    }

    private static double Sigmoid(double z) => 1 / (1 + Math.Exp(-z));
}
