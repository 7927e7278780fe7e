using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Master;
using EmbeddedRepl.Replication.Replica;

namespace EmbeddedRepl.TestKit.Core;

/// <summary>
/// Two cores connected back to back by byte buffers, in one thread: what one sends the other receives, in pieces of any size.
/// One object is one connection; a new one is the next attempt.
/// </summary>
internal sealed class CorePair
{
    private readonly CoreNode _master;
    private readonly CoreNode _replica;
    private readonly ArrayBufferWriter<byte> _output = new();
    private byte[] _toMaster = [];
    private byte[] _toReplica = [];

    public CorePair(CoreNode master, CoreNode replica, int seed = 0)
    {
        _master = master;
        _replica = replica;
        Session = master.Core.Accept($"replica-{seed}", isLoopback: true, new CountingSignal(), master.Now);
        ReplicaLinkKeeper keeper = replica.Core.Upstream!;
        keeper.BeginConnect();
        Link = keeper.Connected(new CountingSignal(), replica.Now);
    }

    public MasterSession Session { get; }

    public ReplicaLink Link { get; }

    /// <summary>Bytes that were sent to the replica so far.</summary>
    public long BytesToReplica { get; private set; }

    /// <summary>How many bytes are handed over at a time; everything that is there by default.</summary>
    public int PieceSize { get; set; } = int.MaxValue;

    /// <summary>Asked before each piece is handed over, in either direction; once it says no, nothing moves any more.</summary>
    public Func<bool> MayDeliver { get; set; } = () => true;

    /// <summary>What becomes of the frames that the replica sends; always whole ones.</summary>
    public Func<byte[], byte[]> RewriteToMaster { get; set; } = frames => frames;

    /// <summary>What becomes of the frames that the master sends; always whole ones.</summary>
    public Func<byte[], byte[]> RewriteToReplica { get; set; } = frames => frames;

    /// <summary>Called between two pieces of work, to let something happen meanwhile.</summary>
    public Action? Between { get; set; }

    /// <summary>Carries bytes until neither end has anything to send.</summary>
    public void Pump()
    {
        while (Step())
        {
            Between?.Invoke();
        }
    }

    /// <summary>One piece of work of each end.</summary>
    /// <returns>Whether anything moved.</returns>
    public bool Step()
    {
        bool moved = SendToReplica();
        moved |= SendToMaster();
        moved |= Deliver(Link, ref _toReplica, _replica);
        Link.EndOfBurst();
        moved |= Deliver(Session, ref _toMaster, _master);
        return moved;
    }

    /// <summary>The connection breaks; what is on the way is lost.</summary>
    public void Break()
    {
        Session.Close(CloseReason.ConnectionLost, "The connection broke.", _master.Now);
        Link.Close(CloseReason.ConnectionLost, "The connection broke.", _replica.Now);
    }

    private bool SendToReplica()
    {
        _output.ResetWrittenCount();
        SendWork work = Session.NextWork(_output, _master.Now);
        if (work.Kind is SendKind.Flush or SendKind.Stream or SendKind.Snapshot)
        {
            Session.Encode(work, _output);
            Session.Complete(work, _master.Now);
        }

        BytesToReplica += _output.WrittenCount;
        _toReplica = [.. _toReplica, .. RewriteToReplica(_output.WrittenSpan.ToArray())];
        return _output.WrittenCount > 0 || work.Kind == SendKind.Snapshot;
    }

    private bool SendToMaster()
    {
        _output.ResetWrittenCount();
        SendWork work = Link.NextWork(_output, _replica.Now);
        Link.Encode(work, _output);
        Link.Complete(work, _replica.Now);
        _toMaster = [.. _toMaster, .. RewriteToMaster(_output.WrittenSpan.ToArray())];
        return _output.WrittenCount > 0 || work.Kind == SendKind.Snapshot;
    }

    private bool Deliver(PeerEndpoint endpoint, ref byte[] waiting, CoreNode node)
    {
        long before = waiting.Length;
        int visible = 0;
        while (visible < waiting.Length && !endpoint.IsClosed && MayDeliver())
        {
            visible = (int)Math.Min(waiting.Length, (long)visible + PieceSize);
            var buffer = new ReadOnlySequence<byte>(waiting, 0, visible);
            while (endpoint.TryReceive(ref buffer, node.Now))
            {
            }

            int taken = visible - (int)buffer.Length;
            waiting = waiting[taken..];
            visible -= taken;
        }

        return waiting.Length != before;
    }
}
