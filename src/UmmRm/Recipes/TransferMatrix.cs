using UmmRm.Reports;

namespace UmmRm.Recipes;

/// <summary>transfer.json: whose final answers fool whom.</summary>
/// <param name="Policies">The rows: ppo stages.</param>
/// <param name="Rewards">The columns.</param>
/// <param name="Z">In a cell the mean score that the column's reward gives the row's final answers, in standard deviations of the starting policy's scores, from their mean.</param>
public sealed record TransferMatrix(IReadOnlyList<string> Policies, IReadOnlyList<string> Rewards, IReadOnlyList<IReadOnlyList<double>> Z)
{
    /// <summary>The file's name in its stage's folder.</summary>
    public const string FileName = "transfer.json";

    /// <summary>Reads a transfer stage's result.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static TransferMatrix Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: there is no such file; a transfer stage writes it", path);
        return RunJson.ReadIfWhole<TransferMatrix>(path) ?? throw new InvalidDataException($"{path}: it is no transfer.json as a transfer stage writes it");
    }

    /// <summary>The matrix.</summary>
    public ResultTable Table()
    {
        var table = new ResultTable([new TableColumn("final answers of"), .. Rewards.Select(reward => new TableColumn(reward, RightAligned: true))]);
        foreach (var (policy, row) in Policies.Zip(Z))
            table.Add([policy, .. row.Select(z => TableCell.Number(z, 2))]);
        return table;
    }
}
