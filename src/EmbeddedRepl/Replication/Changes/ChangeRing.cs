using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication.Changes;

/// <summary>
/// The changes that one subscription has not read yet, at most as many as its capacity and one gap; fewer if their keys are very long, so that these do not fill the memory. Whoever changes the data adds, under the gate, and never waits: neither for the reader
/// nor for the reader's code, which goes on on the pool. Thread-safe.
/// </summary>
/// <param name="prefix">Which keys are wanted.</param>
/// <param name="capacity">How many changes may wait.</param>
internal sealed class ChangeRing(KeyPrefix prefix, int capacity)
{
    /// <summary>Room is for as many keys of this length, in characters, as for changes; longer ones take more of it.</summary>
    public const int UsualKeyLength = 256;

    private readonly Lock _lock = new();
    private readonly Queue<CacheChange> _waiting = new();
    private TaskCompletionSource? _reader;
    private long _waitingLength;
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
            bool hasRoom = HasRoomFor(change);
            if (_isEnded || (!hasRoom && _endsWithGap))
            {
                return;
            }

            _endsWithGap = !hasRoom;
            _waiting.Enqueue(hasRoom ? change : new CacheChange(CacheChangeKind.Gap, null, EntryVersion.None));
            _waitingLength += hasRoom ? LengthOf(change) : 0;
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
                    _waitingLength -= LengthOf(change);
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

    private static int LengthOf(in CacheChange change) => change.Key?.Length ?? 0;

    /// <summary>One alone always has room, whatever its length.</summary>
    private bool HasRoomFor(in CacheChange change) =>
        _waiting.Count == 0 || (_waiting.Count < capacity && _waitingLength + LengthOf(change) <= (long)capacity * UsualKeyLength);
}
