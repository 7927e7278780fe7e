using EmbeddedRepl.Replication.Replica;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.Replication.Runtime;

/// <summary>The loops of a replica's connection to its master.</summary>
internal sealed class LinkPump : ConnectionPump
{
    private readonly ReplicaLink _link;

    /// <summary>Opens the link. Under the gate.</summary>
    public LinkPump(NodeRuntime runtime, ReplicaLinkKeeper keeper, IConnection connection)
        : base(runtime, connection, "link")
    {
        _link = keeper.Connected(Signal, runtime.Now());
    }

    /// <summary>Something waits to be sent. Any thread.</summary>
    public void WakeSender() => Signal.Set();

    protected override PeerEndpoint Endpoint => _link;

    protected override bool NeedsSender => _link.IsAttached;

    protected override long SenderPatience(Moment now) => Math.Max(1, _link.NextAckAt - now.Milliseconds);
}
