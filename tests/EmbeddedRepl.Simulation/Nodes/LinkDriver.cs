using System.Buffers;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Replica;
using EmbeddedRepl.Simulation.Network;

namespace EmbeddedRepl.Simulation.Nodes;

/// <summary>The connecting end of a connection (<c>Runtime/LinkPump</c>).</summary>
internal sealed class LinkDriver : EndpointDriver
{
    private readonly ReplicaLink _link;
    private readonly Action _disposed;

    public LinkDriver(SimulatedProcess process, ReplicaLinkKeeper keeper, VirtualConnection connection, Action disposed)
        : base(process, connection, connection.ToReplica, connection.ToMaster)
    {
        _disposed = disposed;
        lock (process.Core.Gate)
        {
            _link = keeper.Connected(Signal, process.Now());
        }

        connection.ReplicaBroken = Broken;
    }

    public override PeerEndpoint Endpoint => _link;

    public ReplicaLink Link => _link;

    protected override bool NeedsSender => _link.IsAttached;

    protected override SendWork NextWork(IBufferWriter<byte> output, Moment now) => _link.NextWork(output, now);

    protected override void Encode(in SendWork work, IBufferWriter<byte> output) => _link.Encode(work, output);

    protected override void Complete(in SendWork work, Moment now) => _link.Complete(work, now);

    protected override long SenderPatience(Moment now) => Math.Max(1, _link.NextAckAt - now.Milliseconds);

    protected override void EndOfBurst() => _link.EndOfBurst();

    protected override void Disposed() => _disposed();
}
