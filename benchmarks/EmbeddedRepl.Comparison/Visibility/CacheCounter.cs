using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Comparison.Visibility;

/// <summary>
/// Our counter. A look reads the memory of this process, and lets whoever waits for the processor have it in between: with two processors for the writer, its node, the replica and the one who
/// looks, a loop that never gave way would keep the replica's own thread from applying what is looked for. A look at Redis gives way, too, in the system call that waits for the answer.
/// </summary>
internal sealed class CacheCounter(IReplicatedCache cache) : ICounterWriter, ICounterReader
{
    /// <summary>As long as the other keys.</summary>
    public const string Key = "key:the--counter";

    private const int OtherKeys = 1 << 10;

    private static readonly DistributedCacheEntryOptions NoExpiration = new();

    private readonly string[] _keys = EntryKeys.CreateAll(OtherKeys);
    private readonly byte[] _value = new byte[EntryKeys.ValueSize];
    private readonly byte[] _read = new byte[EntryKeys.ValueSize];
    private int _other;

    public void Set(long number, int others)
    {
        BitConverter.TryWriteBytes(_value, number);
        cache.Set(Key, _value, NoExpiration);
        for (; others > 0; others--)
        {
            cache.Set(_keys[_other++ % OtherKeys], _value, NoExpiration);
        }
    }

    public long Get()
    {
        Thread.Yield();
        return cache.TryGet(Key, _read, out _) ? BitConverter.ToInt64(_read) : 0;
    }
}
