using System.Runtime.InteropServices;
using System.Text;

namespace UmmRm.Tokenization;

/// <summary>
/// The distinct words of a text as chains of tokens, with the count and the places of every pair of neighbours, kept up to date while pairs are merged: a
/// merge costs what it changes.
/// </summary>
/// <remarks>
/// A pair arises only when the younger of its tokens does, so its places come in ascending order, once, and its count never grows afterwards. The queue
/// therefore holds each pair once, with a count that may be too high and is corrected when the pair comes up.
/// </remarks>
internal sealed class BpeWords
{
    private const int None = -1;

    private readonly int[] _tokens;   // place -> token id, None where a token was merged into the one before
    private readonly int[] _previous; // place -> place of the token before it in the word, or None
    private readonly int[] _next;
    private readonly int[] _word;     // place -> word
    private readonly long[] _counts;  // word -> how often it occurs
    private readonly Dictionary<BpePair, Occurrences> _pairs = [];
    private readonly PriorityQueue<BpePair, BpeCandidate> _queue;
    private readonly List<BpePair> _newPairs = [];

    /// <summary>Lays out the words as the tokens of their UTF-8 bytes.</summary>
    public BpeWords(IReadOnlyDictionary<string, long> words, int[] idOfByte)
    {
        var length = words.Keys.Sum(Encoding.UTF8.GetByteCount);
        (_tokens, _previous, _next, _word) = (new int[length], new int[length], new int[length], new int[length]);
        _counts = new long[words.Count];
        var (start, word) = (0, 0);
        foreach (var (text, count) in words)
        {
            _counts[word] = count;
            start = Add(Encoding.UTF8.GetBytes(text), start, word++, idOfByte);
        }
        _queue = new(_pairs.Select(pair => (pair.Key, new BpeCandidate(pair.Key, pair.Value.Count))));
        _newPairs.Clear();
    }

    /// <summary>Takes the most frequent pair out of the queue; null when no pair is left.</summary>
    public BpeCandidate? TakeMostFrequent()
    {
        while (_queue.TryDequeue(out var pair, out var candidate))
        {
            var count = _pairs[pair].Count;
            if (count == 0)
                _pairs.Remove(pair);
            else if (count == candidate.Count)
                return candidate;
            else
                _queue.Enqueue(pair, candidate with { Count = count });
        }
        return null;
    }

    /// <summary>Makes one token of a pair, wherever it is.</summary>
    public void Merge(BpePair pair, int merged)
    {
        foreach (var place in _pairs[pair].Places)
        {
            var right = _next[place];
            if (_tokens[place] != pair.Left || right == None || _tokens[right] != pair.Right)
                continue; // an earlier merge took one of the two
            var (before, after, count) = (_previous[place], _next[right], _counts[_word[place]]);
            if (before != None)
                Leave(before, place, count);
            if (after != None)
                Leave(right, after, count);
            (_tokens[place], _tokens[right], _next[place]) = (merged, None, after);
            if (before != None)
                Join(before, place, count);
            if (after != None)
            {
                _previous[after] = place;
                Join(place, after, count);
            }
        }
        _pairs.Remove(pair);
        foreach (var created in _newPairs)
            _queue.Enqueue(created, new BpeCandidate(created, _pairs[created].Count));
        _newPairs.Clear();
    }

    private int Add(byte[] bytes, int start, int word, int[] idOfByte)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            var place = start + i;
            _tokens[place] = idOfByte[bytes[i]];
            _word[place] = word;
            _previous[place] = i == 0 ? None : place - 1;
            _next[place] = i == bytes.Length - 1 ? None : place + 1;
            if (i > 0)
                Join(place - 1, place, _counts[word]);
        }
        return start + bytes.Length;
    }

    private void Join(int left, int right, long count)
    {
        var pair = new BpePair(_tokens[left], _tokens[right]);
        ref var occurrences = ref CollectionsMarshal.GetValueRefOrAddDefault(_pairs, pair, out var known);
        if (!known)
        {
            occurrences = new Occurrences();
            _newPairs.Add(pair);
        }
        occurrences!.Count += count;
        occurrences.Places.Add(left);
    }

    private void Leave(int left, int right, long count) => _pairs[new BpePair(_tokens[left], _tokens[right])].Count -= count;

    private sealed class Occurrences
    {
        public long Count;

        /// <summary>Where the pair's left token is, or was: ascending.</summary>
        public readonly List<int> Places = [];
    }
}
