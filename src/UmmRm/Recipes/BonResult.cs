using System.Text.Json.Nodes;
using UmmRm.Evaluation;
using UmmRm.Reports;

namespace UmmRm.Recipes;

/// <summary>bon.json: best-of-n curves of several rewards on the same samples.</summary>
/// <param name="Policy">Who answered.</param>
/// <param name="Gold">Who judged.</param>
/// <param name="Prompts">How many prompts there were.</param>
/// <param name="Samples">Answers to each.</param>
/// <param name="Distinct">How many of all answers were different from the prompt's others; those alone were scored.</param>
/// <param name="Curves">A curve a reward, in the stage's order, and gold's own last.</param>
public sealed record BonResult(string Policy, string Gold, int Prompts, int Samples, int Distinct, IReadOnlyList<BestOfNCurve> Curves)
{
    /// <summary>The file's name in its stage's folder.</summary>
    public const string FileName = "bon.json";

    /// <summary>Reads a bon stage's result.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static BonResult Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: there is no such file; a bon stage writes it", path);
        return RunJson.ReadIfWhole<BonResult>(path) ?? throw new InvalidDataException($"{path}: it is no bon.json as a bon stage writes it");
    }

    /// <summary>The file's content.</summary>
    public JsonObject ToJson() => RunJson.ToNode(this).AsObject();

    /// <summary>As a table, see <see cref="BonTable"/>.</summary>
    public ResultTable Table() => BonTable.Of([this]);
}
