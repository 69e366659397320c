using System.Text.Json.Nodes;
using UmmRm.Evaluation;
using UmmRm.Reports;

namespace UmmRm.Recipes;

/// <summary>sensitivity.json: how small changes of responses move rewards, and how far single experts disagree.</summary>
/// <param name="Responses">How many unchanged responses there were.</param>
/// <param name="Changes">How many changed ones.</param>
/// <param name="Rewards">Each reward's sensitivity.</param>
/// <param name="Accuracies">Each reward's share of pairs whose chosen side scores higher.</param>
/// <param name="Spreads">The single experts of each mixture, then the peers.</param>
public sealed record SensitivityResult(int Responses, int Changes, IReadOnlyList<RewardSensitivity> Rewards, IReadOnlyList<double> Accuracies, IReadOnlyList<MemberSpread> Spreads)
{
    /// <summary>The file's name in its stage's folder.</summary>
    public const string FileName = "sensitivity.json";

    /// <summary>Reads a sensitivity stage's result.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static SensitivityResult Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: there is no such file; a sensitivity stage writes it", path);
        return RunJson.ReadIfWhole<SensitivityResult>(path) ?? throw new InvalidDataException($"{path}: it is no sensitivity.json as a sensitivity stage writes it");
    }

    /// <summary>The file's content.</summary>
    public JsonObject ToJson() => RunJson.ToNode(this).AsObject();

    /// <summary>Rewards as a table, see <see cref="SensitivityTable"/>.</summary>
    public ResultTable Table() => SensitivityTable.Of([this]);

    /// <summary>Groups of members as a table.</summary>
    public ResultTable SpreadTable() => SensitivityTable.Spreads([this]);
}
