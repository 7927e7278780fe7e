using EmbeddedRepl.Replication.Runtime;

namespace EmbeddedRepl.Replication;

/// <summary>Keys that a caller removes, and how far that has got, whether this node removes them itself or its master does. For one caller.</summary>
/// <param name="keys">Not changed by anybody until this is done.</param>
internal sealed class ManyRemovals(IReadOnlyList<string> keys)
{
    /// <summary>Removals under one hold of the gate: few enough that others wait microseconds.</summary>
    private const int BatchSize = 32;

    private int _done;
    private int _underWay;

    /// <summary>Whether all are dealt with.</summary>
    public bool IsDone => _done == keys.Count;

    /// <summary>How many entries were removed here, and how many the master was asked to remove.</summary>
    public long Removed { get; private set; }

    /// <summary>What became of the last one; null if there is none at all.</summary>
    public WriteResult? Result { get; private set; }

    /// <summary>Begins to send the next batch to the master.</summary>
    /// <returns>To be waited for, and then to be <see cref="Confirm">confirmed</see>. Null if this node turned out to be a master.</returns>
    public ForwardTask? ForwardNext(CallersWrites writes) => writes.RemoveMany(keys, _done, out _underWay);

    /// <summary>The batch under way is done.</summary>
    public void Confirm(in WriteResult result)
    {
        Result = result;
        _done += _underWay;
        Removed += _underWay;
    }

    /// <summary>Removes here, as far as this node is no replica that forwards writes.</summary>
    public void RemoveHere(NodeCore core)
    {
        while (!IsDone)
        {
            lock (core.Gate)
            {
                if (core.ForwardsWrites)
                {
                    return;
                }

                int end = Math.Min(_done + BatchSize, keys.Count);
                while (_done < end)
                {
                    RemoveOne(core, keys[_done]);
                    _done++;
                }

                Result = core.Written(hasChanged: true);
            }
        }
    }

    private void RemoveOne(NodeCore core, string key)
    {
        using var buffer = new KeyBuffer(key, stackalloc byte[KeyBuffer.StackSize]);
        Removed += core.Remove(core.Data.Store.MakeKey(buffer.Bytes)) ? 1 : 0;
    }
}
