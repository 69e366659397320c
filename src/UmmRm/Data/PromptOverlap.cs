using UmmRm.Tokenization;

namespace UmmRm.Data;

/// <summary>How many prompts of an evaluation set were trained on: accuracy on those says little about new ones.</summary>
/// <param name="Prompts">Different prompts in the evaluation set.</param>
/// <param name="Shared">Those of them that the training set has too.</param>
/// <param name="Rows">Rows of the evaluation set.</param>
/// <param name="SharedRows">Rows whose prompt the training set has too.</param>
public sealed record PromptOverlap(int Prompts, int Shared, int Rows, int SharedRows)
{
    /// <summary>Compares the prompts of two sets, text for text.</summary>
    public static PromptOverlap Between(IEnumerable<Conversation> training, IEnumerable<Conversation> evaluation)
    {
        var trained = training.ToHashSet(PromptComparer.Instance);
        var rows = evaluation.ToList();
        var prompts = rows.ToHashSet(PromptComparer.Instance);
        return new PromptOverlap(prompts.Count, prompts.Count(trained.Contains), rows.Count, rows.Count(trained.Contains));
    }

    /// <summary>The warning, or null when nothing is shared.</summary>
    public string? Warning => Shared == 0 ? null
        : $"{Shared} of {Prompts} evaluation prompts ({SharedRows} of {Rows} rows) are in the training data too: the result says little about new prompts";
}
