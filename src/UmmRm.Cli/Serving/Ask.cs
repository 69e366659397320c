using System.Text.Json;

namespace UmmRm.Cli.Serving;

/// <summary>A request, whatever protocol it came by.</summary>
/// <param name="Model">The model's name as the client gave it, or null.</param>
/// <param name="Texts">What is to be scored, in order; may be empty.</param>
/// <param name="Write">Writes the protocol's answer.</param>
internal sealed record Ask(string? Model, IReadOnlyList<AskedText> Texts, Action<Utf8JsonWriter, Answer> Write)
{
    /// <summary>Whether the client asked for sigmoid(score) in place of the score.</summary>
    public bool Sigmoid { get; init; }

    /// <summary>Whether the client asked for uncertainty and z-score.</summary>
    public bool Details { get; init; }
}

/// <summary>The scores of a request.</summary>
/// <param name="Id">The request's own name.</param>
/// <param name="Model">The model that scored.</param>
/// <param name="Scores">In the order of the texts.</param>
/// <param name="Tokens">Tokens of all texts.</param>
/// <param name="Details">Whether uncertainty and z-score belong into the answer.</param>
internal sealed record Answer(string Id, string Model, IReadOnlyList<ServedScore> Scores, int Tokens, bool Details)
{
    /// <summary>Writes a list of all scores.</summary>
    public void WriteScores(Utf8JsonWriter json, string property)
    {
        json.WriteStartArray(property);
        foreach (var score in Scores)
            json.WriteNumberValue(score.Score);
        json.WriteEndArray();
    }

    /// <summary>Writes <c>uncertainty</c> and <c>z_score</c> as lists where details are wanted and known.</summary>
    public void WriteDetailLists(Utf8JsonWriter json)
    {
        WriteList(json, "uncertainty", score => score.Uncertainty);
        WriteList(json, "z_score", score => score.ZScore);
    }

    /// <summary>Writes <c>uncertainty</c> and <c>z_score</c> of one text where details are wanted and known.</summary>
    public void WriteDetails(Utf8JsonWriter json, ServedScore score)
    {
        if (Details && score.Uncertainty is { } uncertainty)
            json.WriteNumber("uncertainty", uncertainty);
        if (Details && score.ZScore is { } z)
            json.WriteNumber("z_score", z);
    }

    private void WriteList(Utf8JsonWriter json, string property, Func<ServedScore, double?> value)
    {
        if (!Details || Scores.Count == 0 || Scores.Any(score => value(score) is null))
            return;
        json.WriteStartArray(property);
        foreach (var score in Scores)
            json.WriteNumberValue(value(score)!.Value);
        json.WriteEndArray();
    }
}
