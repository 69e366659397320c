using UmmRm.Diagnosis;

namespace UmmRm.Tests.Diagnosis;

public sealed class DoctorDocumentTests
{
    [Fact]
    public void Document_NamesEveryCheck()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "doctor.md"));
        string[] names =
        [
            .. MachineChecks.All.Select(check => check.Name), .. ModelChecks.All.Select(check => check.Name), ModelChecks.Padding.Name, .. ReadingChecks.All.Select(check => check.Name),
            .. ScoringChecks.All.Select(check => check.Name), .. DataChecks.All.Select(check => check.Name), .. LeakCase.Checks.Select(check => check.Name), .. PromptCase.Checks.Select(check => check.Name),
            .. RecipeChecks.All.Select(check => check.Name), .. StageChecks.All.Select(check => check.Name), "recipe",
        ];
        Assert.All(names, name => Assert.Contains($"`{name}`", text, StringComparison.Ordinal));
    }
}
