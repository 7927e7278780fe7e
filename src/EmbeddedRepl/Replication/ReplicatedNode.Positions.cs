using EmbeddedRepl.Replication.Runtime;

namespace EmbeddedRepl.Replication;

/// <content>Where this node stands, and waits until it stands somewhere.</content>
internal sealed partial class ReplicatedNode
{
    /// <summary>Takes the gate: a reader may have seen a change already that its writer is just giving its offset to.</summary>
    public StreamPosition Position
    {
        get
        {
            lock (_core.Gate)
            {
                return _core.Data.Position;
            }
        }
    }

    public bool WaitFor(in StreamPosition position, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (Has(position))
        {
            return true;
        }

        EnsureTimePasses();
        return PositionTask.Wait(_runtime, position, timeout, cancellationToken);
    }

    public ValueTask<bool> WaitForAsync(StreamPosition position, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (Has(position))
        {
            return new ValueTask<bool>(true);
        }

        EnsureTimePasses();
        return new ValueTask<bool>(PositionTask.WaitAsync(_runtime, position, timeout, cancellationToken));
    }

    /// <summary>What most callers find, for nothing but a look.</summary>
    private bool Has(in StreamPosition position)
    {
        lock (_core.Gate)
        {
            return _core.Data.Find(position) == PositionVerdict.Reached;
        }
    }

    private void EnsureTimePasses()
    {
        if (!Volatile.Read(ref _isStarted))
        {
            throw new ReplicatedCacheException("The cache has not been started yet, so it does not get what the token stands for.");
        }
    }
}
