using System.Text.Json.Nodes;

namespace UmmRm.Tests.Evaluation;

/// <summary>The committed reference values of a test of statistics.</summary>
internal static class Reference
{
    public static JsonNode Read(string name) => JsonNode.Parse(File.ReadAllText(Repository.Golden("rl", $"{name}.json")))!;

    public static double[] Numbers(JsonNode node) => [.. node.AsArray().Select(number => (double)number!)];
}
