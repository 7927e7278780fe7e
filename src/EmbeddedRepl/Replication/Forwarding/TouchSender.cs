using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication.Forwarding;

/// <summary>
/// Reads of sliding entries on this replica, on their way to the master: gathered from the store, one per key, told in batches, and kept for a while after,
/// in case they have to be said again. <c>TOUCHES.md</c> beside this file says why. Under the gate.
/// </summary>
internal sealed class TouchSender(NodeCore node)
{
    /// <summary>
    /// The coalescing interval, in milliseconds: what was read within one goes up in one frame, and one frame is all that goes up. It is not longer, because
    /// nobody here can tell how near an entry's deadline is: that is of another clock.
    /// </summary>
    public const long Interval = 50;

    /// <summary>So many keys are known at a time, and <see cref="MaxKeyBytes"/> of them. Then those go that were sent longest ago, and if there are none, new ones are dropped.</summary>
    public const int MaxKeys = 65_536;

    /// <inheritdoc cref="MaxKeys"/>
    public const long MaxKeyBytes = 16 << 20;

    /// <summary>So many are taken from the store, and looked at, in one go.</summary>
    private const int Bite = 1_024;

    /// <summary>Two clocks that count whole milliseconds differ by that much without meaning it.</summary>
    private const long Rounding = 2;

    private readonly Dictionary<byte[], WatchedTouch> _all = new(KeyComparer.Instance);
    private readonly LinkedList<WatchedTouch> _pending = new();
    private readonly LinkedList<WatchedTouch> _sent = new();
    private readonly TouchBatch _batch = new();
    private long _keyBytes;
    private long _nextSendAt;

    /// <summary>Keys that are known.</summary>
    public int Count => _all.Count;

    /// <summary>Keys that the master is still to be told of.</summary>
    public int Pending => _pending.Count;

    /// <summary>Time passed.</summary>
    public void Tick(Moment now)
    {
        if (node.Role != ReplicationRole.Replica)
        {
            return;
        }

        Gather(Bite);
        LookAgain(now);
        ForgetWhatIsOver(now);
        if (IsDue(now) && node.IsLinkUp)
        {
            node.Upstream!.Link!.Signal.Set();
        }
    }

    /// <summary>Takes a read.</summary>
    public void Note(in PendingTouch touch)
    {
        if (!_all.TryGetValue(touch.Key, out WatchedTouch? watched))
        {
            if (!TryMakeRoom(touch.Key.Length))
            {
                node.Counters.TouchesDropped++;
                return;
            }

            watched = new WatchedTouch(touch.Key);
            _all.Add(touch.Key, watched);
            _sent.AddLast(watched.Place);
            _keyBytes += touch.Key.Length;
        }

        if (touch.Version >= watched.Version)
        {
            watched.Read(touch.Version, touch.Window, touch.ReadAt);
            MakePending(watched);
        }
    }

    /// <summary>Writes the next frame, if it is time for one.</summary>
    /// <returns>Whether it was.</returns>
    public bool Write(IBufferWriter<byte> output, Moment now)
    {
        if (!IsDue(now))
        {
            return false;
        }

        while (_pending.First is { } place && _batch.HasRoomFor(place.Value.Key.Length))
        {
            WatchedTouch touch = place.Value;
            if (!TryRefresh(touch, now) || touch.IsOver(now))
            {
                Forget(touch);
                continue;
            }

            _batch.Add(new KeyTouch(touch.Key, touch.Version, Math.Max(0, now.Milliseconds - touch.ReadAt)));
            touch.Sent();
            Move(place, _pending, _sent);
        }

        _nextSendAt = now.Milliseconds + Interval;
        node.Counters.TouchesSent += _batch.Count;
        return _batch.WriteTo(output, node.RunId, node.Forwarder.Session);
    }

    /// <summary>
    /// The master may not know what it was told: the link over which it was sent is over, or another master goes on. All that can still change something is
    /// said again, with its age; a touch never shortens, so it does no harm twice.
    /// </summary>
    public void SayAgain()
    {
        while (_sent.First is { } place)
        {
            MakePending(place.Value);
        }
    }

    /// <summary>The store is about to be replaced.</summary>
    /// <param name="goesOn">Whether the new data contains the history of the old, so that versions mean the same.</param>
    public void Swapping(bool goesOn)
    {
        if (goesOn)
        {
            Gather(int.MaxValue);
            return;
        }

        _all.Clear();
        _pending.Clear();
        _sent.Clear();
        _keyBytes = 0;
    }

    /// <summary>This node became a master: takes what is to become a record, whether the old master was told of it or not.</summary>
    public bool TryTake(Moment now, out PendingTouch touch)
    {
        while ((_pending.First ?? _sent.First) is { } place)
        {
            WatchedTouch watched = place.Value;
            bool counts = TryRefresh(watched, now) && !watched.IsOver(now);
            Forget(watched);
            if (counts)
            {
                long deadline = Math.Min(now.UtcMilliseconds - (now.Milliseconds - watched.ReadAt) + watched.Window, EntryExpiration.MaxDeadline);
                touch = new PendingTouch(watched.Key, watched.Version, deadline, watched.Window, watched.ReadAt);
                return true;
            }
        }

        touch = default;
        return false;
    }

    private bool IsDue(Moment now) => _pending.Count > 0 && now.Milliseconds >= _nextSendAt;

    private void Gather(int most)
    {
        for (int i = 0; i < most && node.Data.Store.TryDequeueTouch(out PendingTouch touch); i++)
        {
            Note(touch);
        }
    }

    private bool TryMakeRoom(int keyLength)
    {
        while (_all.Count >= MaxKeys || _keyBytes + keyLength > MaxKeyBytes)
        {
            if (_sent.First is not { } oldest)
            {
                return false;
            }

            Forget(oldest.Value);
        }

        return true;
    }

    /// <summary>Entries that were read again after the master was told, without asking for a touch, ask for it here.</summary>
    private void LookAgain(Moment now)
    {
        for (int i = Math.Min(Bite, _sent.Count); i > 0; i--)
        {
            LinkedListNode<WatchedTouch> place = _sent.First!;
            WatchedTouch touch = place.Value;
            Move(place, _sent, _sent);
            if (now.Milliseconds < touch.LookAt)
            {
                continue;
            }

            long told = touch.ReadAt;
            if (!TryRefresh(touch, now) || touch.IsOver(now))
            {
                Forget(touch);
            }
            else if (touch.ReadAt > told)
            {
                MakePending(touch);
            }
            else
            {
                touch.LeaveAlone();
            }
        }
    }

    /// <summary>What waits for a link makes room when nothing comes of it any more.</summary>
    private void ForgetWhatIsOver(Moment now)
    {
        for (int i = Math.Min(Bite, _pending.Count); i > 0; i--)
        {
            LinkedListNode<WatchedTouch> place = _pending.First!;
            Move(place, _pending, _pending);
            if (place.Value.IsOver(now) && (!TryRefresh(place.Value, now) || place.Value.IsOver(now)))
            {
                Forget(place.Value);
            }
        }
    }

    /// <summary>Learns of reads since.</summary>
    /// <returns>Whether the entry is still there in that version.</returns>
    private bool TryRefresh(WatchedTouch touch, Moment now)
    {
        CacheStore store = node.Data.Store;
        if (!store.TryGetExtension(store.MakeKey(touch.Key), touch.Version, out long deadline))
        {
            return false;
        }

        // The wall clock may have been set since; what was read in the future was read now.
        long readAt = Math.Min(now.Milliseconds, now.Milliseconds - (now.UtcMilliseconds - (deadline - touch.Window)));
        if (deadline != 0 && readAt > touch.ReadAt + Rounding)
        {
            touch.Read(touch.Version, touch.Window, readAt);
        }

        return true;
    }

    private void MakePending(WatchedTouch touch)
    {
        if (!touch.IsPending)
        {
            touch.IsPending = true;
            Move(touch.Place, _sent, _pending);
        }
    }

    private void Forget(WatchedTouch touch)
    {
        touch.Place.List!.Remove(touch.Place);
        _all.Remove(touch.Key);
        _keyBytes -= touch.Key.Length;
    }

    private static void Move(LinkedListNode<WatchedTouch> place, LinkedList<WatchedTouch> from, LinkedList<WatchedTouch> to)
    {
        from.Remove(place);
        to.AddLast(place);
    }

    private sealed class KeyComparer : IEqualityComparer<byte[]>
    {
        public static readonly KeyComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode([DisallowNull] byte[] obj)
        {
            var hash = default(HashCode);
            hash.AddBytes(obj);
            return hash.ToHashCode();
        }
    }
}
