using System.Text.Json;
using System.Text.Json.Serialization;
using UmmRm.Data;
using UmmRm.Rewards;
using UmmRm.Runtime;
using UmmRm.Worlds;

namespace UmmRm.Recipes;

/// <summary>One member of an ensemble's file: where it lies, seen from the file (or its address), and the scale that it was given.</summary>
/// <param name="Path">A model folder or another reward's file.</param>
/// <param name="Normalization">Brings the member to mean 0 and standard deviation 1 on the reference samples; null when it keeps its scale.</param>
public sealed record EnsembleMember(string Path, RewardNormalization? Normalization);

/// <summary>ensemble.json: members and the rule that makes one score of theirs.</summary>
/// <param name="Combine">mean, wco or uwo.</param>
/// <param name="Lambda">uwo's weight of the variance.</param>
/// <param name="UnbiasedVariance">Whether uwo divides the variance by members - 1.</param>
/// <param name="Members">The members.</param>
public sealed record EnsembleFile(Combination Combine, double Lambda, bool UnbiasedVariance, IReadOnlyList<EnsembleMember> Members);

/// <summary>Opens whatever gives a text a number: a reward model's folder, an ensemble's file, a reward server's address, or the built-in world's gold.</summary>
public static class RewardFunctions
{
    private const string GoldKind = "world-gold";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    /// <summary>Opens a reward.</summary>
    /// <param name="path">A model folder, a file written by an ensemble or world stage, or an address.</param>
    /// <param name="name">For logs and reports.</param>
    /// <param name="encoder">How a model folder reads texts; null for what the folder records.</param>
    /// <param name="precision">Number format of models.</param>
    /// <param name="tokenBudget">Most tokens of one forward pass.</param>
    /// <exception cref="FileNotFoundException">There is nothing at the path.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or of no known kind.</exception>
    public static IRewardFunction Open(string path, string name, Func<ModelFolder, SequenceEncoder>? encoder = null, Precision precision = Precision.Float32, int tokenBudget = 8192) =>
        Open(path, name, (folder, called) => OpenModel(folder, called, encoder, precision, tokenBudget));

    /// <summary>Opens a reward whose models, its own or its members', are opened in a special way.</summary>
    /// <param name="path">A model folder, a file written by an ensemble or world stage, or an address.</param>
    /// <param name="name">For logs and reports.</param>
    /// <param name="openModel">Given a model's folder and its name.</param>
    internal static IRewardFunction Open(string path, string name, Func<string, string, IRewardFunction> openModel)
    {
        if (RemoteRewardSettings.IsAddress(path))
            return new RemoteReward(RemoteRewardSettings.Parse(path));
        if (Directory.Exists(path))
            return openModel(path, name);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path} is no reward: expected a reward model's folder, an ensemble.json, a gold.json or the http:// address of a reward server", path);
        var text = File.ReadAllText(path);
        if (text.Trim() == $"\"{GoldKind}\"")
            return new GoldReward();
        var file = ReadEnsemble(path, text);
        var at = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var members = file.Members.Select(member => Normalized(OpenMember(member.Path, at, openModel), member.Normalization)).ToList();
        return new EnsembleReward(members, CombinationOf(file));
    }

    /// <summary>Writes an ensemble's file.</summary>
    public static void WriteEnsemble(string path, EnsembleFile file) => File.WriteAllText(path, JsonSerializer.Serialize(file, Json) + "\n");

    /// <summary>Writes the file that stands for the built-in world's gold reward.</summary>
    public static void WriteGold(string path) => File.WriteAllText(path, $"\"{GoldKind}\"\n");

    /// <summary>The rule of a file.</summary>
    public static EnsembleCombination CombinationOf(EnsembleFile file) => file.Combine switch
    {
        Combination.Wco => EnsembleCombination.WorstCase,
        Combination.Uwo => EnsembleCombination.UncertaintyWeightedBy(file.Lambda, file.UnbiasedVariance ? 1 : 0),
        _ => EnsembleCombination.Mean,
    };

    /// <summary>The model folders that a reward runs here: its own, its members', or none for gold and for a server.</summary>
    /// <exception cref="InvalidDataException">A file is of no known kind.</exception>
    internal static IEnumerable<string> ModelFolders(string path)
    {
        if (RemoteRewardSettings.IsAddress(path))
            return [];
        if (!File.Exists(path))
            return [path];
        var (text, at) = (File.ReadAllText(path), Path.GetDirectoryName(Path.GetFullPath(path))!);
        return text.Trim() == $"\"{GoldKind}\"" ? [] : ReadEnsemble(path, text).Members.SelectMany(member => ModelFolders(RemoteRewardSettings.IsAddress(member.Path) ? member.Path : Path.GetFullPath(member.Path, at)));
    }

    private static IRewardFunction OpenMember(string path, string at, Func<string, string, IRewardFunction> openModel) =>
        RemoteRewardSettings.IsAddress(path) ? Open(path, path, openModel) : Open(Path.GetFullPath(path, at), Path.GetFileName(path), openModel);

    private static ModelReward OpenModel(string path, string name, Func<ModelFolder, SequenceEncoder>? encoder, Precision precision, int tokenBudget)
    {
        var folder = ModelFolder.Open(path);
        return folder.LoadReward(name, encoder?.Invoke(folder), precision, tokenBudget);
    }

    private static IRewardFunction Normalized(IRewardFunction member, RewardNormalization? normalization) => normalization is null ? member : new NormalizedReward(member, normalization);

    private static EnsembleFile ReadEnsemble(string path, string text)
    {
        try
        {
            return JsonSerializer.Deserialize<EnsembleFile>(text, Json) is { Members.Count: > 0 } file ? file : throw new InvalidDataException($"{path}: an ensemble without members");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: it is no ensemble.json: {e.Message}", e);
        }
    }
}
