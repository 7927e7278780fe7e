using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace EmbeddedRepl.Storage;

/// <summary>
/// Local extensions that wait to become records. Bounded in number, and in bytes because keys may be long: what does not fit is
/// dropped and counted. Thread-safe.
/// </summary>
internal sealed class TouchQueue(int capacity)
{
    /// <summary>The keys that wait take no more memory than this, in bytes.</summary>
    private const long MaxKeyBytes = 16 << 20;

    private readonly ConcurrentQueue<PendingTouch> _touches = new();
    private long _dropped;
    private int _count;
    private long _keyBytes;

    /// <summary>How many touches did not fit.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Adds a touch, unless the queue is full.</summary>
    /// <returns>Whether there was room.</returns>
    public bool Enqueue(scoped ReadOnlySpan<byte> key, long version, long deadline, long window, long readAt)
    {
        if (Interlocked.Increment(ref _count) > capacity | Interlocked.Add(ref _keyBytes, key.Length) > MaxKeyBytes)
        {
            Interlocked.Decrement(ref _count);
            Interlocked.Add(ref _keyBytes, -key.Length);
            Interlocked.Increment(ref _dropped);
            return false;
        }

        _touches.Enqueue(new PendingTouch(key.ToArray(), version, deadline, window, readAt));
        return true;
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
