namespace EmbeddedRepl.Storage;

/// <summary>Counts the memory that a store uses against its limit. Changed under the gate, readable without it.</summary>
internal sealed class MemoryBudget(long maxBytes)
{
    private long _usedBytes;

    /// <summary>Memory in use, in bytes.</summary>
    public long UsedBytes => Volatile.Read(ref _usedBytes);

    /// <summary>Whether that much more would still be within the limit.</summary>
    public bool Allows(long bytes) => bytes <= maxBytes - _usedBytes;

    /// <summary>Counts memory in before it is taken.</summary>
    /// <exception cref="StoreFullException">The limit would be passed; nothing was counted.</exception>
    public void Take(long bytes)
    {
        if (!Allows(bytes))
        {
            throw new StoreFullException($"The store's limit of {maxBytes} bytes does not allow {bytes} more bytes; {_usedBytes} are in use.");
        }

        Volatile.Write(ref _usedBytes, _usedBytes + bytes);
    }

    /// <summary>Counts memory out.</summary>
    public void Release(long bytes) => Volatile.Write(ref _usedBytes, _usedBytes - bytes);
}
