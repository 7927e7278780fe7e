using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace EmbeddedRepl.Storage;

/// <summary>Local extensions that wait to become records. Bounded: what does not fit is dropped and counted. Thread-safe.</summary>
internal sealed class TouchQueue(int capacity)
{
    private readonly ConcurrentQueue<PendingTouch> _touches = new();
    private long _dropped;
    private int _count;

    /// <summary>How many touches did not fit.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Adds a touch, unless the queue is full.</summary>
    public void Enqueue(scoped ReadOnlySpan<byte> key, long version, long deadline)
    {
        if (Interlocked.Increment(ref _count) > capacity)
        {
            Interlocked.Decrement(ref _count);
            Interlocked.Increment(ref _dropped);
            return;
        }

        _touches.Enqueue(new PendingTouch(key.ToArray(), version, deadline));
    }

    /// <summary>Takes the oldest touch.</summary>
    public bool TryDequeue(out PendingTouch touch)
    {
        if (!_touches.TryDequeue(out touch))
        {
            return false;
        }

        Interlocked.Decrement(ref _count);
        return true;
    }
}
