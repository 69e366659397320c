using System.Runtime.InteropServices;

namespace UmmRm.Tokenization;

/// <summary>
/// The ids of words seen before. One place per hash, a newer word takes it: bounded, and safe to use from many threads without locks,
/// because an entry never changes and is replaced whole.
/// </summary>
internal sealed class WordCache
{
    /// <summary>Longer words are not kept: they seldom come again, and this bounds the memory (at most about 25 MB).</summary>
    public const int LongestWord = 48;

    private const int PlaceBits = 16;
    private readonly Entry?[] _entries = new Entry?[1 << PlaceBits];

    private sealed record Entry(string Word, int[] Ids);

    /// <summary>Appends the ids of a word that is kept; else says no.</summary>
    public bool TryAppend(ReadOnlySpan<char> word, List<int> ids)
    {
        if (word.Length > LongestWord || _entries[PlaceOf(word)] is not { } entry || !word.SequenceEqual(entry.Word))
            return false;
        if (entry.Ids.Length == 1)
            ids.Add(entry.Ids[0]);
        else
            ids.AddRange(entry.Ids);
        return true;
    }

    /// <summary>Keeps a word, unless it or its row of tokens is too long.</summary>
    public void Keep(ReadOnlySpan<char> word, ReadOnlySpan<int> ids)
    {
        if (word.Length <= LongestWord && ids.Length <= LongestWord)
            _entries[PlaceOf(word)] = new Entry(word.ToString(), ids.ToArray());
    }

    private static int PlaceOf(ReadOnlySpan<char> word)
    {
        const ulong multiplier = 0x9E3779B97F4A7C15;
        var hash = (ulong)word.Length;
        for (; word.Length >= 4; word = word[4..])
            hash = Mix(hash ^ MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(word)), multiplier);
        foreach (var character in word)
            hash = Mix(hash ^ character, multiplier);
        return (int)(hash >> (64 - PlaceBits));
    }

    private static ulong Mix(ulong hash, ulong multiplier)
    {
        hash *= multiplier;
        return hash ^ (hash >> 29);
    }
}
