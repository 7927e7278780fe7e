using System.Buffers;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Master;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Network;

namespace EmbeddedRepl.Simulation.Nodes;

/// <summary>The accepting end of a connection (<c>Runtime/SessionPump</c>).</summary>
internal sealed class SessionDriver : EndpointDriver
{
    private readonly MasterSession _session;

    public SessionDriver(SimulatedProcess process, VirtualConnection connection)
        : base(process, connection, connection.ToMaster, connection.ToReplica)
    {
        lock (process.Core.Gate)
        {
            _session = process.Core.Accept($"{connection.From}#{connection.Number}", isLoopback: true, Signal, process.Now());
        }

        connection.MasterBroken = Broken;
    }

    public override PeerEndpoint Endpoint => _session;

    public MasterSession Session => _session;

    /// <summary>The state that was last looked at.</summary>
    public ReplicaSessionState SeenState { get; set; }

    protected override bool NeedsSender => _session.IsAttached;

    protected override SendWork NextWork(IBufferWriter<byte> output, Moment now) => _session.NextWork(output, now);

    protected override void Encode(in SendWork work, IBufferWriter<byte> output)
    {
        if (_session.IsClosed && work.Kind is SendKind.Snapshot or SendKind.Stream)
        {
            Process.Situations.Count(SituationCatalogue.ClosedWithPieceUnderWay);
        }

        _session.Encode(work, output);
    }

    protected override void Complete(in SendWork work, Moment now) => _session.Complete(work, now);

    // Production has a safety net of one second. Here a wake-up that gets lost is a failure.
    protected override long SenderPatience(Moment now) => -1;

    protected override void EndOfBurst()
    {
        // In production the thread that read sends; here whoever sends is woken in its place.
        if (_session.EndOfBurst())
        {
            Signal.Set();
        }
    }

    protected override bool Receive(ref ReadOnlySequence<byte> buffer)
    {
        if (Process.Core is not { Role: ReplicationRole.Master, Settings.ForwardsWrites: true })
        {
            return base.Receive(ref buffer);
        }

        // What a replica forwards is a change that this master makes.
        bool any = false;
        ReadOnlySequence<byte> rest = buffer;
        Process.Change(Process, () => any = base.Receive(ref rest));
        buffer = rest;
        return any;
    }

    protected override void Disposed() => Process.Forget(this);
}
