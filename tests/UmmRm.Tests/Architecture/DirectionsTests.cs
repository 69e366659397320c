using System.Text.RegularExpressions;

namespace UmmRm.Tests.Architecture;

/// <summary>Who may use whom: a folder of the library is a namespace, and each may name only the namespaces listed here.</summary>
public sealed partial class DirectionsTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Runtime"] = [],
        ["Jinja"] = [],
        ["Tokenization"] = ["Jinja"],
        ["Hub"] = [],
        ["Models"] = ["Runtime"],
        ["Data"] = ["Runtime", "Tokenization", "Hub"],
        ["Weights"] = ["Runtime", "Models"],
        ["Generation"] = ["Runtime", "Models"],
        ["Rewards"] = ["Runtime", "Models", "Data", "Tokenization"],
        ["Training"] = ["Runtime", "Models", "Data", "Weights"],
        ["Evaluation"] = ["Runtime", "Tokenization", "Data", "Rewards"],
        ["Worlds"] = ["Runtime", "Data", "Rewards", "Tokenization"],
        ["Figures"] = [],
        ["Reports"] = ["Evaluation", "Figures"],
        ["Ppo"] = ["Runtime", "Tokenization", "Models", "Data", "Generation", "Rewards", "Training"],
        ["Recipes"] = ["Runtime", "Tokenization", "Hub", "Data", "Models", "Weights", "Generation", "Rewards", "Training", "Ppo", "Evaluation", "Worlds", "Figures", "Reports"],
        ["Diagnosis"] = ["Runtime", "Tokenization", "Data", "Models", "Weights", "Rewards", "Evaluation", "Reports", "Recipes"],
    };

    [Fact]
    public void Library_EveryFolder_NamesOnlyTheNamespacesItMayUse()
    {
        var source = Path.Combine(Repository.Root, "src", "UmmRm");
        var offences =
            from file in Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            let folder = Path.GetRelativePath(source, file).Split(Path.DirectorySeparatorChar)[0]
            where folder is not ("bin" or "obj")
            from Match use in OwnNamespace().Matches(File.ReadAllText(file))
            let target = use.Groups[1].Value
            where target != folder && Allowed.ContainsKey(target) && !Allowed[folder].Contains(target)
            select $"{Path.GetRelativePath(source, file)} names UmmRm.{target}";
        Assert.Empty(offences.Distinct());
    }

    [Fact]
    public void Library_EveryFile_IsInTheNamespaceOfItsFolder()
    {
        var source = Path.Combine(Repository.Root, "src", "UmmRm");
        var offences =
            from file in Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            let folder = Path.GetRelativePath(source, file).Split(Path.DirectorySeparatorChar)[0]
            where folder is not ("bin" or "obj")
            where !File.ReadAllText(file).Contains($"namespace UmmRm.{folder};", StringComparison.Ordinal)
            select Path.GetRelativePath(source, file);
        Assert.Empty(offences);
    }

    [GeneratedRegex(@"\bUmmRm\.([A-Z][A-Za-z]+)\b")]
    private static partial Regex OwnNamespace();
}
