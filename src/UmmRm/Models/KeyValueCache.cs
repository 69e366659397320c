using UmmRm.Runtime;
using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>
/// Keys and values of the tokens seen so far, one pair of tensors a layer, grown in blocks so that appending a token copies one token.
/// </summary>
public sealed class KeyValueCache : IDisposable
{
    private const long Block = 64;
    private readonly Tensor?[] _keys;
    private readonly Tensor?[] _values;
    private long _capacity;

    /// <summary>An empty cache for a model of <paramref name="layers"/> decoder layers.</summary>
    public KeyValueCache(int layers)
    {
        _keys = new Tensor?[layers];
        _values = new Tensor?[layers];
    }

    /// <summary>Tokens held for every layer; advanced once a pass by <see cref="Advance"/>.</summary>
    public long Length { get; private set; }

    /// <summary>Adds [b, kv, t, hd] keys and values after the held ones and returns views of all of them, [b, kv, Length + t, hd].</summary>
    public (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values)
    {
        var (allKeys, allValues) = Write(layer, keys, values);
        return (allKeys.narrow(2, 0, Length + keys.shape[2]), allValues.narrow(2, 0, Length + keys.shape[2]));
    }

    /// <summary>Adds keys and values likewise and returns the whole memory, [b, kv, capacity, hd], contiguous; it belongs to the cache.</summary>
    internal (Tensor Keys, Tensor Values) Write(int layer, Tensor keys, Tensor values)
    {
        Reserve(Length + keys.shape[2]);
        return (Write(ref _keys[layer], keys), Write(ref _values[layer], values));
    }

    /// <summary>Declares that every layer has appended <paramref name="tokens"/> tokens.</summary>
    public void Advance(long tokens) => Length += tokens;

    /// <summary>Keeps only the given rows of the batch, in that order (rows that have ended are dropped).</summary>
    public void Select(Tensor rows)
    {
        for (var layer = 0; layer < _keys.Length; layer++)
        {
            Replace(ref _keys[layer], _keys[layer]?.index_select(0, rows));
            Replace(ref _values[layer], _values[layer]?.index_select(0, rows));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in _keys.Concat(_values))
            tensor?.Dispose();
    }

    private void Reserve(long tokens)
    {
        if (tokens > _capacity)
            _capacity = (tokens / Block + 1) * Block; // a prompt of whole blocks leaves room for what follows it
    }

    private Tensor Write(ref Tensor? store, Tensor fresh)
    {
        var tokens = fresh.shape[2];
        if (store is null || store.shape[2] < _capacity)
        {
            var grown = empty([fresh.shape[0], fresh.shape[1], _capacity, fresh.shape[3]], dtype: fresh.dtype, device: fresh.device);
            if (store is not null && Length > 0)
            {
                using var from = store.narrow(2, 0, Length);
                using var to = grown.narrow(2, 0, Length);
                to.copy_(from);
            }
            Replace(ref store, grown);
        }
        Put(store!, fresh);
        return store!;
    }

    private void Put(Tensor store, Tensor fresh)
    {
        if (!Simd.Takes(store, fresh) || store.dtype != fresh.dtype || fresh.requires_grad)
        {
            using var slot = store.narrow(2, Length, fresh.shape[2]);
            slot.copy_(fresh);
            return;
        }
        var heads = (int)(fresh.shape[0] * fresh.shape[1]);
        var (all, own, first) = ((int)(store.NumberOfElements * store.ElementSize) / heads, (int)(fresh.NumberOfElements * fresh.ElementSize) / heads, (int)(Length * fresh.shape[3] * fresh.ElementSize));
        var to = store.bytes;
        var from = fresh.bytes;
        for (var head = 0; head < heads; head++)
            from.Slice(head * own, own).CopyTo(to[(head * all + first)..]);
    }

    private static void Replace(ref Tensor? store, Tensor? by)
    {
        store?.Dispose();
        store = by?.DetachFromDisposeScope();
    }
}
