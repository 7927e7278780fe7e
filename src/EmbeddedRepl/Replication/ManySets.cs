using EmbeddedRepl.Replication.Runtime;

namespace EmbeddedRepl.Replication;

/// <summary>Entries that a caller sets in their order, and how far that has got, whether this node writes them itself or its master does. For one caller.</summary>
/// <param name="entries">Keys and values; not changed by anybody until this is done.</param>
/// <param name="expiration">Of each.</param>
internal sealed class ManySets(IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> entries, WriteExpiration expiration)
{
    private int _written;
    private int _underWay;

    /// <summary>Whether all are written.</summary>
    public bool IsDone => _written == entries.Count;

    /// <summary>What became of the last one; null if there is none at all.</summary>
    public WriteResult? Result { get; private set; }

    /// <summary>Begins to send the next batch to the master.</summary>
    /// <returns>To be waited for, and then to be <see cref="Confirm">confirmed</see>: what follows a batch that failed is not sent. Null if this node turned out to be a master.</returns>
    public ForwardTask? ForwardNext(CallersWrites writes) => writes.SetMany(entries, _written, expiration, out _underWay);

    /// <summary>The batch under way is written.</summary>
    public void Confirm(in WriteResult result)
    {
        _written += _underWay;
        Result = result;
    }

    /// <summary>Writes here, as far as this node is a master.</summary>
    public void WriteHere(NodeCore core, TimeProvider time)
    {
        var batch = new WriteBatch(core, DeadlineClock.Resolve(expiration, time));
        try
        {
            for (int i = _written; i < entries.Count; i++)
            {
                batch.Add(entries[i].Key, entries[i].Value);
            }

            batch.Flush();
        }
        catch (ReadOnlyReplicaException) when (core.ForwardsWrites)
        {
            // The others go to the master.
        }

        _written += batch.Written;
        Result = batch.Result;
    }
}
