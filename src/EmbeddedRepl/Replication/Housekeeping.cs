using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <summary>
/// The regular work on the data set: on a master, removing what has expired and turning reads of sliding entries, its own and its replicas', into
/// touch records, and evicting what is beyond the memory limit, all through the stream; on every node, the store's own upkeep. Done in small bites, so that the gate is never
/// held for long.
/// </summary>
internal sealed class Housekeeping(NodeCore node)
{
    /// <summary>Entries looked at in one bite.</summary>
    private const int ExpiryBite = 256;

    private const int TouchBite = 256;

    private readonly Evictor _evictor = new(node);
    private readonly List<byte[]> _expired = [];

    /// <summary>Does one bite. Called under the gate.</summary>
    /// <returns>Whether there is likely more to do at once.</returns>
    public bool Run(Moment now)
    {
        DataSet data = node.Data;
        data.Store.Maintain();
        if (!node.IsSettledMaster || node.IsDraining)
        {
            return false;
        }

        bool more = RemoveExpired(data, now);
        more |= ApplyTouches(data, now);
        more |= _evictor.DoBite();
        node.StreamAdvanced();
        return more;
    }

    private bool RemoveExpired(DataSet data, Moment now)
    {
        _expired.Clear();
        data.Store.CollectExpired(now.UtcMilliseconds, ExpiryBite, _expired);
        foreach (byte[] key in _expired)
        {
            node.Counters.Expirations += data.Remove(data.Store.MakeKey(key)) ? 1 : 0;
        }

        // A bite that found much is likely to be followed by another one that does.
        return _expired.Count >= ExpiryBite / 4;
    }

    private bool ApplyTouches(DataSet data, Moment now)
    {
        for (int i = 0; i < TouchBite; i++)
        {
            if (!node.Touches.TryTake(now, out PendingTouch touch) && !data.Store.TryDequeueTouch(out touch))
            {
                return false;
            }

            // One whose deadline is over waited since this node was a replica: the entry has expired, or was read again and has a later touch.
            if (touch.Deadline > now.UtcMilliseconds)
            {
                data.Touch(data.Store.MakeKey(touch.Key), touch.Version, touch.Deadline);
            }
        }

        return true;
    }
}
