using System.Globalization;
using System.Text.Json.Nodes;
using UmmRm.Data;
using UmmRm.Tokenization;

namespace UmmRm.Recipes;

/// <summary>A policy's answers at each of its evaluations: a folder with a file of JSON lines an evaluation.</summary>
public static class PolicySamples
{
    /// <summary>The file of an evaluation.</summary>
    public static string FileOf(string folder, long step) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"step-{step:D6}.jsonl"));

    /// <summary>The files in the order of their steps.</summary>
    /// <exception cref="FileNotFoundException">There are none.</exception>
    public static IReadOnlyList<string> Files(string folder) =>
        Directory.Exists(folder) && Directory.GetFiles(folder, "step-*.jsonl") is { Length: > 0 } files
            ? [.. files.Order(StringComparer.Ordinal)]
            : throw new FileNotFoundException($"{folder}: there are no step-*.jsonl files; a ppo stage's samples are expected", folder);

    /// <summary>The answers in a file; an empty one is an answer too.</summary>
    /// <exception cref="InvalidDataException">A line is no answer; the message names it.</exception>
    public static IReadOnlyList<Completion> Read(string path) => [.. File.ReadLines(path).Select((line, index) => Parse(line, $"{path}:{index + 1}"))];

    private static Completion Parse(string line, string origin)
    {
        try
        {
            var row = JsonNode.Parse(line)!.AsObject();
            return new Completion(Prompt(row), row["response"]!.GetValue<string>(), row["ended"]!.GetValue<bool>());
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException or NullReferenceException or FormatException)
        {
            throw new InvalidDataException($"{origin}: it is no answer as a ppo stage writes it, an object with prompt, response and ended: {e.Message}", e);
        }
    }

    private static Conversation Prompt(JsonObject row)
    {
        var turns = row["prompt"] is JsonArray messages
            ? messages.Select(message => new Message(message!["role"]!.GetValue<string>(), message["content"]!.GetValue<string>()))
            : [new Message("user", row["prompt"]!.GetValue<string>())];
        return new Conversation([.. turns], row["input"]?.GetValue<string>());
    }
}
