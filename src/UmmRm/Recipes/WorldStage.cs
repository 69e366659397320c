#pragma warning disable CS1591 // each key is described once, in its Setting attribute

namespace UmmRm.Recipes;

/// <summary>The built-in instruction world: its tokenizer, its texts, its prompts, two evaluation sets and its gold reward.</summary>
[StageKind("world", "Writes the built-in instruction world: tokenizer, pre-training texts, demonstrations, prompts, evaluation pairs and the gold reward.")]
public sealed record WorldStage : Stage
{
    [Setting("Pre-training texts: a response, the end marker and a reader's verdict.", Minimum = 1)]
    public int Texts { get; init; } = 24_000;

    [Setting("Demonstrations by good and bad writers, to fine-tune a policy on.", Minimum = 1)]
    public int Demonstrations { get; init; } = 6_000;

    [Setting("Prompts, from which a pairs stage draws responses.", Minimum = 1)]
    public int Prompts { get; init; } = 8_000;

    [Setting("Pairs by writers whose flattery and smiles are reversed: the shifted evaluation set.", Minimum = 1)]
    public int Shifted { get; init; } = 1_000;

    [Setting("Pairs that differ in their core alone, a right and a wrong one.", Minimum = 1)]
    public int Core { get; init; } = 1_000;

    /// <inheritdoc/>
    public override IReadOnlyList<Product> Products { get; } =
    [
        new("tokenizer", Artifact.Tokenizer, "tokenizer"),
        new("texts", Artifact.Instructions, "texts.jsonl"),
        new("demonstrations", Artifact.Instructions, "demonstrations.jsonl"),
        new("prompts", Artifact.Prompts, "prompts.jsonl"),
        new("shifted", Artifact.Pairs, "shifted.jsonl"),
        new("core", Artifact.Pairs, "core.jsonl"),
        new("gold", Artifact.RewardFunction, "gold.json"),
    ];
}
