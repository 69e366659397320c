using System.Text.Json;

namespace UmmRm.Recipes;

/// <summary>Reads parts of a run, each for itself: a damaged file, or one that a run is just replacing, costs its own part and no other.</summary>
internal sealed class Attempts
{
    private readonly List<string> _troubles = [];

    /// <summary>What could not be read, and why.</summary>
    public IReadOnlyList<string> Troubles => _troubles;

    /// <summary>A part, or null when it cannot be read.</summary>
    public T? Try<T>(string what, Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is InvalidDataException or IOException or ArgumentException or JsonException or InvalidOperationException)
        {
            _troubles.Add($"{what} could not be read: {e.Message}");
            return null;
        }
    }
}
