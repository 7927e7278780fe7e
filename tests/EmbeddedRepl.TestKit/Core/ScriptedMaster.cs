using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Handshake;
using EmbeddedRepl.Replication.Replica;

namespace EmbeddedRepl.TestKit.Core;

/// <summary>A link of a replica whose master is the test.</summary>
internal sealed class ScriptedMaster : ScriptedPeer
{
    public ScriptedMaster(CoreNode replica)
        : base(replica)
    {
        ReplicaLinkKeeper keeper = replica.Core.Upstream!;
        keeper.BeginConnect();
        Link = keeper.Connected(Signal, replica.Now);
    }

    public ReplicaLink Link { get; }

    public CountingSignal Signal { get; } = new();

    public override PeerEndpoint Endpoint => Link;

    /// <summary>Makes the handshake of a master with these settings.</summary>
    /// <returns>What the replica sent last: its sync request, or an error.</returns>
    public SentFrame ShakeHands(NodeSettings? settings = null, RunId? runId = null, IReadOnlyList<RunId>? upstream = null)
    {
        var handshake = new MasterHandshake(
            settings ?? Node.Core.Settings, runId ?? CoreNode.RunIdOf(98), new SeededNodeRandom(98), () => upstream ?? []);
        var output = new ArrayBufferWriter<byte>();
        while (true)
        {
            SentFrame last = Take()[^1];
            if (handshake.IsComplete || last.Type == FrameType.Error)
            {
                return last;
            }

            handshake.Receive(last.Type, new ReadOnlySequence<byte>(last.Payload), output);
            GiveBytes(output.WrittenSpan);
            output.ResetWrittenCount();
        }
    }

    protected override void SendAll(ArrayBufferWriter<byte> output)
    {
        SendWork work;
        do
        {
            work = Link.NextWork(output, Node.Now);
            Link.Encode(work, output);
            Link.Complete(work, Node.Now);
        }
        while (work.Kind is not (SendKind.Wait or SendKind.Close));
    }

    protected override void AfterFrame() => Link.EndOfBurst();
}
