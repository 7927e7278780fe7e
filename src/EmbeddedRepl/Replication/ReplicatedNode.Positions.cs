using EmbeddedRepl.Replication.Runtime;

namespace EmbeddedRepl.Replication;

/// <content>Where this node stands, and waits until it stands somewhere.</content>
internal sealed partial class ReplicatedNode
{
    private const string NoProgress = "it does not get what the token stands for";

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

        EnsureStarted(NoProgress);
        return new PositionTask(_runtime, position, timeout, cancellationToken).Wait();
    }

    public ValueTask<bool> WaitForAsync(StreamPosition position, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (Has(position))
        {
            return new ValueTask<bool>(true);
        }

        EnsureStarted(NoProgress);
        return new ValueTask<bool>(new PositionTask(_runtime, position, timeout, cancellationToken).WaitAsync());
    }

    /// <summary>What most callers find, for nothing but a look.</summary>
    private bool Has(in StreamPosition position)
    {
        lock (_core.Gate)
        {
            return _core.Data.Find(position) == PositionVerdict.Reached;
        }
    }
}
