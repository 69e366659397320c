namespace UmmRm.Recipes;

/// <summary>What a stage makes and what another stage can take.</summary>
[Flags]
public enum Artifact
{
    /// <summary>Nothing, or not known: a path outside the recipe is checked when it is read.</summary>
    None = 0,

    /// <summary>A folder with tokenizer files.</summary>
    Tokenizer = 1,

    /// <summary>A causal language model with its tokenizer.</summary>
    Policy = 2,

    /// <summary>A dense reward model with its tokenizer.</summary>
    RewardModel = 4,

    /// <summary>A mixture of experts with a reward head: upcycled, trained or not.</summary>
    Mixture = 8,

    /// <summary>A reward that is not one checkpoint: an ensemble, or the built-in world's gold.</summary>
    RewardFunction = 16,

    /// <summary>Texts, or instructions with responses, to fine-tune on.</summary>
    Instructions = 32,

    /// <summary>Preference pairs.</summary>
    Pairs = 64,

    /// <summary>Prompts without responses.</summary>
    Prompts = 128,

    /// <summary>A table of results.</summary>
    Table = 256,

    /// <summary>A policy's evaluations from the start of its training on.</summary>
    Curve = 512,

    /// <summary>A folder with a policy's answers at each of its evaluations.</summary>
    Samples = 1024,

    /// <summary>Anything that gives a text a number.</summary>
    AnyReward = RewardModel | Mixture | RewardFunction,

    /// <summary>Anything with a model folder.</summary>
    AnyModel = Policy | RewardModel | Mixture,

    /// <summary>Anything with rows of text.</summary>
    AnyText = Instructions | Pairs | Prompts,
}

/// <summary>One thing that a stage leaves in its folder.</summary>
/// <param name="Part">Its name when the stage makes several, as in <c>world:texts</c>; empty when it makes one.</param>
/// <param name="Artifact">What it is.</param>
/// <param name="Path">Where it lies in the stage's folder; empty when it is the folder itself.</param>
public sealed record Product(string Part, Artifact Artifact, string Path = "");
