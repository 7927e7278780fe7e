using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication.Changes;

/// <summary>
/// The changes that one subscription has not read yet, at most as many as its capacity and one gap. Whoever changes the data adds, under the gate, and never waits: neither for the reader
/// nor for the reader's code, which goes on on the pool. Thread-safe.
/// </summary>
/// <param name="prefix">Which keys are wanted.</param>
/// <param name="capacity">How many changes may wait.</param>
internal sealed class ChangeRing(KeyPrefix prefix, int capacity)
{
    private readonly Lock _lock = new();
    private readonly Queue<CacheChange> _waiting = new();
    private TaskCompletionSource? _reader;
    private bool _endsWithGap;
    private volatile bool _isEnded;

    public KeyPrefix Prefix => prefix;

    /// <summary>Whether nobody reads it any more.</summary>
    public bool IsEnded => _isEnded;

    /// <summary>Adds a change; if there is no room, a gap stands for it and for those that follow until there is.</summary>
    public void Add(CacheChange change)
    {
        TaskCompletionSource? reader;
        lock (_lock)
        {
            if (_isEnded || (_waiting.Count >= capacity && _endsWithGap))
            {
                return;
            }

            _endsWithGap = _waiting.Count >= capacity;
            _waiting.Enqueue(_endsWithGap ? new CacheChange(CacheChangeKind.Gap, null, EntryVersion.None) : change);
            reader = _reader;
            _reader = null;
        }

        reader?.TrySetResult();
    }

    /// <summary>Takes the oldest change, or waits for one.</summary>
    /// <returns>Null when the subscription is over.</returns>
    /// <exception cref="InvalidOperationException">Somebody else waits.</exception>
    public async ValueTask<CacheChange?> TakeAsync(CancellationToken token)
    {
        while (true)
        {
            token.ThrowIfCancellationRequested();
            TaskCompletionSource reader;
            lock (_lock)
            {
                if (_isEnded)
                {
                    return null;
                }

                if (_waiting.TryDequeue(out CacheChange change))
                {
                    return change;
                }

                if (_reader is not null)
                {
                    throw new InvalidOperationException("Somebody else waits for the next change of this subscription.");
                }

                _reader = reader = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            try
            {
                await reader.Task.WaitAsync(token).ConfigureAwait(false);
            }
            finally
            {
                lock (_lock)
                {
                    _reader = _reader == reader ? null : _reader;
                }
            }
        }
    }

    /// <summary>Nobody wants to hear of changes any more; whoever waits goes on.</summary>
    public void End()
    {
        TaskCompletionSource? reader;
        lock (_lock)
        {
            _isEnded = true;
            _waiting.Clear();
            reader = _reader;
            _reader = null;
        }

        reader?.TrySetResult();
    }
}
