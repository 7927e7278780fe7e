using EmbeddedRepl.Replication.Runtime;

namespace EmbeddedRepl.Replication;

/// <summary>Keys that a caller removes.</summary>
/// <param name="keys">Not changed by anybody until this is done.</param>
internal sealed class ManyRemovals(IReadOnlyList<string> keys) : INodeBatch
{
    /// <summary>Removals under one hold of the gate: few enough that others wait microseconds.</summary>
    private const int BatchSize = 32;

    private int _done;
    private int _underWay;

    public bool IsDone => _done == keys.Count;

    /// <summary>How many entries were removed here, and how many the master was asked to remove.</summary>
    public long Removed { get; private set; }

    /// <summary>What became of the last one; null if there is none at all.</summary>
    public WriteResult? Result { get; private set; }

    public ForwardTask? ForwardNext(CallersWrites writes) => writes.RemoveMany(keys, _done, out _underWay);

    public void Confirm(in WriteResult result)
    {
        Result = result;
        _done += _underWay;
        Removed += _underWay;
    }

    public void WriteHere(NodeCore core, TimeProvider time)
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
