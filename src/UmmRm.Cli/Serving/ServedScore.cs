namespace UmmRm.Cli.Serving;

/// <summary>What is said of one text.</summary>
/// <param name="Score">The raw score, or what the server's shaping made of it.</param>
/// <param name="Uncertainty">Standard deviation (n - 1) of the raw scores of an ensemble's members or a mixture's single experts; null for a single model.</param>
/// <param name="ZScore">Raw score on the scale of the reference scores that the model's folder records; null where it records none.</param>
internal sealed record ServedScore(double Score, double? Uncertainty, double? ZScore);
