using UmmRm.Data;
using UmmRm.Rewards;

namespace UmmRm.Recipes;

/// <summary>
/// Makes stages of the recipe's <c>stages:</c>. A stage is bound after those it names, so their order is one in which they can run, a
/// circle is found, and what a reference names is known when its kind is checked.
/// </summary>
internal sealed class StageBinder
{
    private const int MostStages = 500;
    private readonly MappingNode _stages;
    private readonly List<string> _open = [];
    private readonly OrderedDictionary<string, Stage> _bound = [];

    public StageBinder(RecipeNode? stages, Origin recipe)
    {
        _stages = stages switch
        {
            null => throw recipe.Error("stages is missing; a recipe is a mapping with the key stages, from stage names to mappings"),
            MappingNode mapping => Named(mapping),
            _ => throw stages.Origin.Error($"stages is {stages.Description}; a mapping from stage names to mappings is expected"),
        };
    }

    /// <summary>All stages; each stands behind those it names, and otherwise in the file's order.</summary>
    public IReadOnlyList<Stage> Bind()
    {
        foreach (var name in _stages.Entries.Keys)
            Stage(name);
        return [.. _bound.Values];
    }

    private static MappingNode Named(MappingNode stages)
    {
        foreach (var name in stages.Entries.Where(e => e.Value.Value.IsNull).Select(e => e.Key).ToArray())
            stages.Entries.Remove(name); // an extending recipe leaves a stage out with null
        if (stages.Entries.Count is 0 or > MostStages)
            throw stages.Origin.Error($"stages has {stages.Entries.Count} stages; 1 .. {MostStages} are expected");
        foreach (var (name, entry) in stages.Entries)
        {
            if (!StageName.IsValid(name))
                throw entry.KeyOrigin.Error($"{SettingText.Quote(name)} cannot name a stage; a letter, then letters, digits, - and _ are expected, at most 64");
            if (stages.Entries.Keys.First(other => string.Equals(other, name, StringComparison.OrdinalIgnoreCase)) is var first && first != name)
                throw entry.KeyOrigin.Error($"the stages {first} and {name} differ in case alone; their folders would be one where case does not count");
        }
        return stages;
    }

    private Stage Stage(string name)
    {
        if (_bound.TryGetValue(name, out var bound))
            return bound;
        var (origin, value) = _stages.Entries[name];
        var path = $"stages.{name}";
        if (value is not MappingNode mapping)
            throw value.Origin.Error($"{path} is {value.Description}; a mapping with the key kind is expected");
        if (_open.Contains(name))
            throw origin.Error($"the stages {string.Join(" -> ", _open.SkipWhile(n => n != name).Append(name))} need one another in a circle");
        _open.Add(name);
        var kind = Kind(mapping, path);
        var keys = new MappingNode(mapping.Origin);
        foreach (var (key, entry) in mapping.Entries.Where(e => e.Key != "kind"))
            keys.Entries[key] = entry;
        var stage = (Stage)new SettingBinder(Resolve).Bind(kind.Type, keys, path) with { Name = name };
        try
        {
            stage.CheckTogether();
        }
        catch (ArgumentException e)
        {
            throw origin.Error($"{path}: {e.Message}");
        }
        _open.RemoveAt(_open.Count - 1);
        return _bound[name] = stage;
    }

    private static StageKind Kind(MappingNode mapping, string path)
    {
        string[] names = [.. StageKind.All.Select(kind => kind.Name)];
        return mapping.Find("kind") switch
        {
            null => throw mapping.Origin.Error($"{path}.kind is missing; there is {string.Join(", ", names)}"),
            ScalarNode scalar => StageKind.Find(scalar.Text) ?? throw scalar.Origin.Error($"{path}.kind is {scalar.Description}, which is not a kind of stage{NearestName.Hint(scalar.Text, names)}"),
            var other => throw other.Origin.Error($"{path}.kind is {other.Description}; one of {string.Join(", ", names)} is expected"),
        };
    }

    private InputReference Resolve(Origin origin, string path, string text, Setting setting)
    {
        if (setting.BuiltInWords.Contains(text))
            return new InputReference { Target = text, IsWord = true };
        var reference = InputReference.Parse(text);
        if (reference.Slice is not null && (setting.Accepts & Artifact.AnyText) == 0)
            throw origin.Error($"{path} is {SettingText.Quote(text)}; only data has rows to slice");
        if (reference.IsRemote)
            return Remote(origin, path, reference, setting);
        if (setting.Accepts != Artifact.None && _stages.Entries.ContainsKey(reference.Target))
            return ToStage(origin, path, reference, setting);
        if ((setting.Accepts & Artifact.AnyText) != 0 && NamedDataSets.Find(reference.Target) is not null && !Path.Exists(reference.Target))
            return reference;
        if (!StageName.IsValid(reference.Target) || Path.Exists(reference.Target))
            return reference.Outside();
        string[] candidates = [.. setting.BuiltInWords, .. NamedDataSets.All.Select(set => set.Name).Where(_ => (setting.Accepts & Artifact.AnyText) != 0), .. _stages.Entries.Keys.Where(_ => setting.Accepts != Artifact.None)];
        throw origin.Error($"{path} is {SettingText.Quote(text)}, and there is no such {(setting.Accepts == Artifact.None ? "file" : "stage, file or folder")}{NearestName.Hint(reference.Target, candidates)} (a path that does not exist yet is written with a slash: ./{reference.Target})");
    }

    private static InputReference Remote(Origin origin, string path, InputReference reference, Setting setting)
    {
        if ((setting.Accepts & Artifact.RewardFunction) == 0)
            throw origin.Error($"{path} is {SettingText.Quote(reference.Target)}; a server gives rewards, and {(setting.Accepts == Artifact.None ? "a file" : Words([setting.Accepts]))} is expected");
        try
        {
            RemoteRewardSettings.Parse(reference.Target);
            return reference;
        }
        catch (ArgumentException e)
        {
            throw origin.Error($"{path}: {e.Message}");
        }
    }

    private InputReference ToStage(Origin origin, string path, InputReference reference, Setting setting)
    {
        var (name, part) = (reference.Target, reference.Part);
        var products = Stage(name).Products;
        if (part is not null && products.All(p => p.Part != part))
            throw origin.Error($"{path} is '{reference}', but {name} makes no {part}{NearestName.Hint(part, [.. products.Select(p => p.Part).Where(p => p.Length > 0)])}");
        var named = products.Where(p => part is null || p.Part == part).ToArray();
        var fitting = named.Where(p => (p.Artifact & setting.Accepts) != 0 || p.Artifact == Artifact.None).ToArray();
        if (fitting.Length == 0)
            throw origin.Error($"{path} is '{reference}', which makes {Words(named.Select(p => p.Artifact))}; {Words([setting.Accepts])} is expected");
        if (fitting.Length > 1)
            throw origin.Error($"{path} is '{reference}', which makes several things it can take; name one: {string.Join(", ", fitting.Select(p => $"{name}:{p.Part}"))}");
        return reference with { Part = fitting[0].Part.Length == 0 ? null : fitting[0].Part, IsStage = true, Artifact = fitting[0].Artifact, File = fitting[0].Path };
    }

    private static string Words(IEnumerable<Artifact> artifacts)
    {
        var all = artifacts.Aggregate((a, b) => a | b);
        return string.Join(" or ", new (Artifact, string)[]
        {
            (Artifact.Tokenizer, "a tokenizer"), (Artifact.Policy, "a language model"), (Artifact.RewardModel, "a dense reward model"), (Artifact.Mixture, "a mixture"),
            (Artifact.RewardFunction, "a reward function"), (Artifact.Instructions, "instructions"), (Artifact.Pairs, "preference pairs"), (Artifact.Prompts, "prompts"), (Artifact.Table, "a table"), (Artifact.Curve, "a policy's curve"), (Artifact.Samples, "a policy's samples"),
        }.Where(word => all.HasFlag(word.Item1)).Select(word => word.Item2));
    }
}
