using System.Collections.Concurrent;

namespace UmmRm.Recipes;

/// <summary>
/// The most memory that this process was seen to hold (its resident set) while a stage ran, looked at ten times a second. It is the process's: runtime, libraries and stages that run side by side
/// are all in it, a graphics card's memory is not.
/// </summary>
internal sealed class MemoryWatch : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<string, long> _peaks = [];
    private readonly Timer _timer;

    public MemoryWatch() => _timer = new Timer(_ => Look(), null, Every, Every);

    /// <summary>A stage begins.</summary>
    public void Begin(string stage) => _peaks[stage] = Environment.WorkingSet;

    /// <summary>A stage ends.</summary>
    /// <returns>The most that was seen since it began, in bytes.</returns>
    public long End(string stage)
    {
        Look();
        return _peaks.TryRemove(stage, out var peak) ? peak : 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var now = Environment.WorkingSet;
        foreach (var stage in _peaks.Keys)
        {
            if (_peaks.TryGetValue(stage, out var peak) && now > peak)
                _peaks.TryUpdate(stage, now, peak);
        }
    }
}
