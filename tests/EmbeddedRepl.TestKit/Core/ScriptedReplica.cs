using System.Buffers;
using System.Buffers.Binary;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Handshake;
using EmbeddedRepl.Replication.Master;

namespace EmbeddedRepl.TestKit.Core;

/// <summary>A session of a master whose replica is the test.</summary>
internal sealed class ScriptedReplica : ScriptedPeer
{
    private static int _count;

    public ScriptedReplica(CoreNode master, bool isLoopback = true)
        : base(master)
    {
        Session = master.Core.Accept("peer", isLoopback, Signal, master.Now);
    }

    public MasterSession Session { get; }

    /// <summary>Of a process of its own, unless the handshake is made as another one.</summary>
    public RunId RunId { get; private set; } = NewRunId();

    public CountingSignal Signal { get; } = new();

    public override PeerEndpoint Endpoint => Session;

    /// <summary>Makes the handshake of a replica with these settings.</summary>
    /// <returns>What the master sent last: an error, if it refused.</returns>
    public SentFrame? ShakeHands(NodeSettings? settings = null, RunId? runId = null)
    {
        RunId = runId ?? RunId;
        var handshake = new ReplicaHandshake(
            settings ?? Node.Core.Settings, RunId, new SeededNodeRandom(99), announcedHost: null, announcedPort: 0);
        var output = new ArrayBufferWriter<byte>();
        handshake.Start(output);
        SentFrame? last = null;
        while (output.WrittenCount > 0 && !handshake.IsComplete)
        {
            GiveBytes(output.WrittenSpan);
            output.ResetWrittenCount();
            foreach (SentFrame frame in Take())
            {
                last = frame;
                if (frame.Type != FrameType.Error)
                {
                    handshake.Receive(frame.Type, new ReadOnlySequence<byte>(frame.Payload), output);
                }
            }
        }

        return last;
    }

    public void Ask(ReplicationHistory history, long offset, bool holdsData = false) =>
        Give(new SyncRequestFrame(history.Id, offset, history.OriginId, history.Ancestors, holdsData));

    /// <summary>Handshake, request of a node without data, acceptance of the offer.</summary>
    public void AskForFullSync()
    {
        ShakeHands();
        Ask(ReplicationHistory.None, 0);
        TakeOne<FullSyncOfferFrame>();
        Give(default(FullSyncAcceptFrame));
    }

    /// <summary>Handshake, request of a node that is exactly current.</summary>
    public void BeginStreaming()
    {
        ShakeHands();
        Ask(Node.Core.Data.History, Node.Offset);
        Take();
    }

    protected override void SendAll(ArrayBufferWriter<byte> output)
    {
        SendWork work;
        do
        {
            work = Session.NextWork(output, Node.Now);
            Session.Encode(work, output);
            Session.Complete(work, Node.Now);
        }
        while (work.Kind is not (SendKind.Wait or SendKind.Close));
    }

    private static RunId NewRunId()
    {
        Span<byte> bytes = stackalloc byte[RunId.Size];
        bytes.Fill(99);
        BinaryPrimitives.WriteInt32BigEndian(bytes, Interlocked.Increment(ref _count));
        return new RunId(bytes);
    }
}
