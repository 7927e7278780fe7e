namespace EmbeddedRepl.Storage;

/// <summary>Counts the memory that a store uses against its limit. Changed under the gate, readable without it.</summary>
internal sealed class MemoryBudget(long maxBytes)
{
    /// <summary>Which part of the limit eviction keeps free, so that a write seldom has to wait for room to be made.</summary>
    private const int HeadroomFraction = 32;

    private const long MinHeadroom = 1 << 20;
    private const long MaxHeadroom = 64 << 20;

    private long _maxBytes = maxBytes;
    private long _usedBytes;

    /// <summary>The limit in bytes; <see cref="long.MaxValue"/> for none. Lowered below what is in use, it refuses whatever is more.</summary>
    public long MaxBytes
    {
        get => Volatile.Read(ref _maxBytes);
        set => Volatile.Write(ref _maxBytes, value);
    }

    /// <summary>What eviction keeps the store at, in bytes: the limit, less a headroom of 1 to 64 MiB.</summary>
    public long TargetBytes => MaxBytes - Math.Clamp(MaxBytes / HeadroomFraction, MinHeadroom, MaxHeadroom);

    /// <summary>Memory in use, in bytes.</summary>
    public long UsedBytes => Volatile.Read(ref _usedBytes);

    /// <summary>Whether that much more would still be within the limit.</summary>
    public bool Allows(long bytes) => bytes <= _maxBytes - _usedBytes;

    /// <summary>Counts memory in before it is taken.</summary>
    /// <exception cref="StoreFullException">The limit would be passed; nothing was counted.</exception>
    public void Take(long bytes)
    {
        if (!Allows(bytes))
        {
            throw new StoreFullException(
                $"The limit of this node's memory, MemoryLimit ({_maxBytes} bytes), does not allow {bytes} more bytes; {_usedBytes} are in use.");
        }

        Add(bytes);
    }

    /// <summary>Counts memory in that is taken in any case: what keeps the limit may not fail for it.</summary>
    public void Add(long bytes) => Volatile.Write(ref _usedBytes, _usedBytes + bytes);

    /// <summary>Counts memory out.</summary>
    public void Release(long bytes) => Volatile.Write(ref _usedBytes, _usedBytes - bytes);
}
