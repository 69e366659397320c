using System.Text.RegularExpressions;
using UmmRm.Rewards;

namespace UmmRm.Recipes;

/// <summary>
/// What a stage reads: another stage's product (<c>sft</c>, <c>world:texts</c>), a file or folder (<c>./pairs.jsonl</c>), a hub id
/// (<c>org/name@revision</c>), a data set's name (<c>hh-harmless:train</c>),
/// a reward server's address (<c>http://127.0.0.1:8008/get_reward</c>) or a built-in word. Data may name a split and a slice of rows:
/// <c>./hh:train[0:12000]</c>, <c>Anthropic/hh-rlhf:harmless-base/train</c>, <c>pairs:[500:]</c>.
/// </summary>
public sealed partial record InputReference
{
    /// <summary>The stage's name, the absolute path, the hub id or the word.</summary>
    public required string Target { get; init; }

    /// <summary>The product of a stage that makes several, or the split of a data set; null when none is named.</summary>
    public string? Part { get; init; }

    /// <summary>The slice of rows as it is written, such as <c>[0:500]</c>: counted from 0, the end excluded; null for all rows.</summary>
    public string? Slice { get; init; }

    /// <summary>What the named stage makes; None for what lies outside the recipe.</summary>
    public Artifact Artifact { get; init; }

    /// <summary>Whether another stage of the recipe is named.</summary>
    public bool IsStage { get; init; }

    /// <summary>Whether a built-in word is named, which has no file.</summary>
    public bool IsWord { get; init; }

    /// <summary>Whether a reward server's address is named, which has no file either.</summary>
    public bool IsRemote => !IsStage && RemoteRewardSettings.IsAddress(Target);

    /// <summary>Where the product lies in its stage's folder; empty for the folder itself.</summary>
    internal string File { get; init; } = "";

    /// <summary>What follows the target, with its colon; empty when nothing does.</summary>
    internal string Suffix => Part is null && Slice is null ? "" : $":{Part}{Slice}";

    /// <summary>Where it lies when the stages' folders stand in a run folder.</summary>
    public string PathIn(string runFolder) => IsStage ? System.IO.Path.Combine(runFolder, Target, File) : Target;

    /// <summary>The reference as a recipe writes it.</summary>
    public override string ToString() => Target + Suffix;

    /// <summary>Takes a text apart: target, part and slice. What follows a drive letter holds a slash and is no part.</summary>
    internal static InputReference Parse(string text)
    {
        var match = Notation().Match(text);
        if (!match.Success || RemoteRewardSettings.IsAddress(text))
            return new InputReference { Target = text };
        var (part, slice) = (match.Groups["part"].Value, match.Groups["slice"].Value);
        return new InputReference { Target = match.Groups["target"].Value, Part = part.Length > 0 ? part : null, Slice = slice.Length > 0 ? slice : null };
    }

    /// <summary>The same for something outside the recipe: the path made absolute (~/ is the home folder), or a hub id as it is.</summary>
    internal InputReference Outside()
    {
        if (IsRemote)
            return this;
        if (Target.StartsWith("~/", StringComparison.Ordinal))
            return this with { Target = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), Target[2..]) };
        return this with { Target = OutsideInputs.IsFetchedModel(Target) ? Target : Path.GetFullPath(Target) };
    }

    [GeneratedRegex(@"\A(?<target>.+?):(?=.)(?<part>([A-Za-z0-9_.\-]+(/[A-Za-z0-9_.\-]+)*)?)(?<slice>\[[0-9]*:[0-9]*\])?\z", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Notation();
}
