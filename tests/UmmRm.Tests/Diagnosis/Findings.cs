using UmmRm.Data;
using UmmRm.Diagnosis;
using UmmRm.Recipes;

namespace UmmRm.Tests.Diagnosis;

/// <summary>What a doctor finds, and the one finding of a check.</summary>
internal static class Findings
{
    public static IReadOnlyList<Finding> OfModel(string folder) => Doctor().Model(folder);

    public static IReadOnlyList<Finding> OfData(string path, BadRows badRows = BadRows.Error, string? evaluation = null) =>
        Doctor().Data(DataSource.Parse(path), evaluation is null ? null : DataSource.Parse(evaluation), new ReadOptions { BadRows = badRows });

    /// <summary>The training that <c>ummrm reward</c> would do.</summary>
    public static IReadOnlyList<Finding> OfTraining(string model, string data, params string[] sets) =>
        Doctor().Training((RewardStage)RecipeFile.OneStage("reward", "reward", [$"model={model}", $"data.path={data}", .. sets]).Stages[0]);

    public static IReadOnlyList<Finding> OfRecipe(string path, params string[] sets) => Doctor().Recipe(path, sets, out _);

    /// <summary>What a check sees of a thing; null where it does not apply.</summary>
    public static Finding? Of<T>(T thing, IEnumerable<Check<T>> checks, string name) => new Examination(e => e.Message).Of("it", thing, checks.Where(check => check.Name == name)).SingleOrDefault();

    /// <summary>Asserts that a check found so much, and that its detail names something.</summary>
    public static void Has(this IReadOnlyList<Finding> findings, string check, Severity severity, params string[] named) => Is(Assert.Single(findings, finding => finding.Check == check), severity, named);

    /// <summary>Asserts how grave a finding is, and that its detail names something; what is not well has a remedy.</summary>
    public static void Is(Finding? finding, Severity severity, params string[] named)
    {
        Assert.NotNull(finding);
        Assert.True(severity == finding.Severity, $"{finding.Check} is {finding.Severity}: {finding.Detail}");
        foreach (var name in named)
            Assert.Contains(name, finding.Detail, StringComparison.Ordinal);
        Assert.Equal(severity == Severity.Ok, finding.Remedy is null);
    }

    private static Doctor Doctor() => new(e => e.Message);
}
