using EmbeddedRepl.Replication.Runtime;

namespace EmbeddedRepl.Replication;

/// <summary>Entries that a caller sets.</summary>
/// <param name="entries">Keys and values; not changed by anybody until this is done.</param>
/// <param name="expiration">Of each.</param>
internal sealed class ManySets(IReadOnlyList<KeyValuePair<string, ReadOnlyMemory<byte>>> entries, WriteExpiration expiration) : INodeBatch
{
    private int _written;
    private int _underWay;

    public bool IsDone => _written == entries.Count;

    /// <summary>What became of the last one; null if there is none at all.</summary>
    public WriteResult? Result { get; private set; }

    public ForwardTask? ForwardNext(CallersWrites writes) => writes.SetMany(entries, _written, expiration, out _underWay);

    public void Confirm(in WriteResult result)
    {
        _written += _underWay;
        Result = result;
    }

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
