using UmmRm.Data;
namespace UmmRm.Recipes;

/// <summary>Stages that say <c>like: OTHER</c>: they take over the keys of another stage of the recipe, and give only what differs.</summary>
internal static class LikeStages
{
    private const string Like = "like", Stages = "stages";

    /// <summary>Writes every such stage out in full, after all files and options have been applied.</summary>
    /// <exception cref="InvalidDataException">A stage is like one that is not there, or like itself in the end.</exception>
    public static void Resolve(MappingNode recipe)
    {
        if (recipe.Find(Stages) is not MappingNode stages)
            return;
        foreach (var name in stages.Entries.Keys.ToList())
            Resolve(stages, name, []);
    }

    private static void Resolve(MappingNode stages, string name, IReadOnlyList<string> from)
    {
        if (stages.Find(name) is not MappingNode stage || !stage.Entries.TryGetValue(Like, out var like))
            return;
        if (like.Value is not ScalarNode { IsNull: false, Text: var other })
            throw like.Value.Origin.Error($"{Stages}.{name}.{Like} is {like.Value.Description}; the name of another stage is expected");
        if (from.Contains(name))
            throw like.Value.Origin.Error($"{Stages}.{name} is like itself: {string.Join(" is like ", [.. from, name])}");
        if (!stages.Entries.ContainsKey(other))
            throw like.Value.Origin.Error($"{Stages}.{name} is like {SettingText.Quote(other)}, and the recipe has no such stage{NearestName.Hint(other, [.. stages.Entries.Keys])}");
        Resolve(stages, other, [.. from, name]);
        if (stages.Find(other) is not MappingNode model)
            throw like.Value.Origin.Error($"{Stages}.{name} is like {other}, which an extending recipe took away; take this stage away too, or write it out");
        var written = (MappingNode)YamlReader.Merge(model);
        stage.Entries.Remove(Like);
        written.Overlay(stage);
        stages.Entries[name] = stages.Entries[name] with { Value = written };
    }
}
