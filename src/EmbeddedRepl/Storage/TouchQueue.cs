using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace EmbeddedRepl.Storage;

/// <summary>
/// Local extensions that wait to become records. Bounded in number, and in bytes because keys may be long: when it is full, the oldest
/// are dropped and counted. What counts is what was read last. Thread-safe.
/// </summary>
internal sealed class TouchQueue(int capacity)
{
    /// <summary>The keys that wait take no more memory than this, in bytes.</summary>
    private const long MaxKeyBytes = 16 << 20;

    private readonly ConcurrentQueue<PendingTouch> _touches = new();
    private long _dropped;
    private int _count;
    private long _keyBytes;

    /// <summary>How many touches had to go for later ones.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Adds a touch; the oldest one goes if the queue is full.</summary>
    public void Enqueue(scoped ReadOnlySpan<byte> key, long version, long deadline, long window, long readAt)
    {
        Interlocked.Increment(ref _count);
        Interlocked.Add(ref _keyBytes, key.Length);
        _touches.Enqueue(new PendingTouch(key.ToArray(), version, deadline, window, readAt));
        while ((Volatile.Read(ref _count) > capacity || Volatile.Read(ref _keyBytes) > MaxKeyBytes) && TryDequeue(out _))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>Takes the oldest touch.</summary>
    public bool TryDequeue(out PendingTouch touch)
    {
        if (!_touches.TryDequeue(out touch))
        {
            return false;
        }

        Interlocked.Decrement(ref _count);
        Interlocked.Add(ref _keyBytes, -touch.Key.Length);
        return true;
    }
}
