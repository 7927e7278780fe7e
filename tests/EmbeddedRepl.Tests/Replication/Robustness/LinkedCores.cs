using System.Buffers;
using EmbeddedRepl.Diagnostics;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Master;
using EmbeddedRepl.Replication.Replica;
using Microsoft.Extensions.Logging.Abstractions;

namespace EmbeddedRepl.Tests.Replication.Robustness;

/// <summary>One connection between two cores, in one thread: each direction is carried when the test says so.</summary>
internal sealed class LinkedCores
{
    private readonly ArrayBufferWriter<byte> _output = new();
    private byte[] _toMaster = [];
    private byte[] _toReplica = [];

    public LinkedCores(NodeCore master, NodeCore replica, Moment now)
    {
        Session = master.Accept("replica", isLoopback: true, Silence.Instance, now);
        ReplicaLinkKeeper keeper = replica.Upstream!;
        keeper.BeginConnect();
        Link = keeper.Connected(Silence.Instance, now);
    }

    public MasterSession Session { get; }

    public ReplicaLink Link { get; }

    /// <summary>A core whose gate this thread holds for good.</summary>
    public static NodeCore NewCore(NodeSettings? settings = null)
    {
        var gate = new Lock();
        gate.Enter();
        return new NodeCore(
            settings ?? new NodeSettings(), RunId.NewId(), SystemNodeRandom.Instance, new NodeLog(NullLogger.Instance, TimeProvider.System),
            TimeProvider.System, gate);
    }

    public static NodeCore NewMaster(NodeSettings? settings = null)
    {
        NodeCore core = NewCore(settings);
        core.BeginAsMaster();
        return core;
    }

    public static NodeCore NewReplica(Moment now, NodeSettings? settings = null)
    {
        NodeCore core = NewCore(settings);
        core.BeginAsReplica("master:6390", isOrdered: false, Silence.Instance, now);
        return core;
    }

    public void Pump(Moment now)
    {
        while (CarryToMaster(now) | CarryToReplica(now))
        {
        }
    }

    public bool CarryToMaster(Moment now)
    {
        _output.ResetWrittenCount();
        Link.NextWork(_output, now);
        return Deliver(Session, ref _toMaster, now);
    }

    public bool CarryToReplica(Moment now)
    {
        _output.ResetWrittenCount();
        SendWork work = Session.NextWork(_output, now);
        if (work.Kind is SendKind.Flush or SendKind.Stream or SendKind.Snapshot)
        {
            Session.Encode(work, _output);
            Session.Complete(work, now);
        }

        return Deliver(Link, ref _toReplica, now) || work.Kind == SendKind.Snapshot;
    }

    private bool Deliver(PeerEndpoint endpoint, ref byte[] waiting, Moment now)
    {
        waiting = [.. waiting, .. _output.WrittenSpan];
        var buffer = new ReadOnlySequence<byte>(waiting);
        while (endpoint.TryReceive(ref buffer, now))
        {
        }

        bool any = buffer.Length < waiting.Length;
        waiting = buffer.ToArray();
        return any;
    }

    internal sealed class Silence : INodeSignal
    {
        public static readonly Silence Instance = new();

        public void Set()
        {
        }
    }
}
