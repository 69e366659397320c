using System.Text.Json;

namespace UmmRm.Tests.Ppo;

/// <summary>A file of Golden/rl. Rows past their length hold 1e9 on purpose; <see cref="Rows"/> leaves that out.</summary>
internal sealed class RlFacts(string name)
{
    public JsonElement Root { get; } = JsonDocument.Parse(File.ReadAllText(Repository.Golden("rl", $"{name}.json"))).RootElement;

    public double Number(string key) => Root.GetProperty(key).GetDouble();

    /// <summary>An array of rows, each cut to its real tokens.</summary>
    public double[][] Rows(string key, JsonElement? of = null)
    {
        var lengths = Table(Root.GetProperty("mask")).Select(row => (int)row.Sum()).ToArray();
        return [.. Table((of ?? Root).GetProperty(key)).Select((row, i) => row[..lengths[i]])];
    }

    public static double[][] Table(JsonElement rows) => [.. rows.EnumerateArray().Select(Vector)];

    public static double[] Vector(JsonElement row) => [.. row.EnumerateArray().Select(e => e.GetDouble())];

    public static void Close(double[][] expected, double[][] actual, double tolerance = 1e-12) => Close([.. expected.SelectMany(r => r)], [.. actual.SelectMany(r => r)], tolerance);

    public static void Close(double[] expected, double[] actual, double tolerance = 1e-12)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Close(expected[i], actual[i], tolerance);
    }

    public static void Close(double expected, double actual, double tolerance = 1e-12) =>
        Assert.True(Math.Abs(expected - actual) <= tolerance * Math.Max(1, Math.Abs(expected)), $"expected {expected:R}, found {actual:R}");
}
