using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication;

/// <summary>The timers of a session, on a clock that only the test moves.</summary>
public sealed class SessionTimeTests
{
    private static readonly NodeSettings Settings = new()
    {
        HandshakeTimeout = 5_000,
        LinkTimeout = 30_000,
        HeartbeatInterval = 10_000,
        AckInterval = 1_000,
        MaxConcurrentFullSyncs = 1,
    };

    private readonly CoreNode _master = CoreNode.Master(new ManualTimeProvider(), Settings);

    [Fact]
    [Trait("Behaviour", "F3")]
    public void Handshake_PeerSaysNothing_EndsAtTheTimeout()
    {
        var replica = new ScriptedReplica(_master);
        _master.Advance(4_999);
        Assert.False(replica.Session.IsClosed);

        _master.Advance(1);
        Assert.Equal(CloseReason.HandshakeTimeout, replica.Session.ClosedFor);
    }

    [Fact]
    [Trait("Behaviour", "F3")]
    public void Handshake_PeerTrickles_EndsAtTheSameTimeout()
    {
        var replica = new ScriptedReplica(_master);
        var hello = new ArrayBufferWriter<byte>();
        FrameWriter.Write(hello, Hellos.Hello());
        for (int i = 0; i < 49; i++)
        {
            replica.GiveBytes(hello.WrittenSpan.Slice(i, 1));
            _master.Advance(100);
            Assert.False(replica.Session.IsClosed);
        }

        replica.GiveBytes(hello.WrittenSpan[49..]);
        Assert.Equal(FrameType.HelloReply, Assert.Single(replica.Take()).Type);
        _master.Advance(100);

        Assert.Equal(CloseReason.HandshakeTimeout, replica.Session.ClosedFor);
    }

    [Fact]
    [Trait("Behaviour", "F3")]
    public void Handshake_ReplicaDoesNotAnswerTheOffer_EndsAtTheTimeout()
    {
        var replica = new ScriptedReplica(_master);
        replica.ShakeHands();
        replica.Ask(ReplicationHistory.None, 0);
        _master.Advance(5_000);

        Assert.Equal(CloseReason.HandshakeTimeout, replica.Session.ClosedFor);
    }

    [Fact]
    [Trait("Behaviour", "G2")]
    public void Streaming_NothingHeard_ClosesAfterTheLinkTimeoutAndGivesThePinnedMemoryBack()
    {
        var replica = new ScriptedReplica(_master);
        replica.BeginStreaming();
        _master.Advance(29_999);
        Assert.False(replica.Session.IsClosed);

        _master.Advance(1);
        Assert.Equal(CloseReason.Silence, replica.Session.ClosedFor);
        Assert.Empty(_master.Core.Sessions);
        Assert.Equal(0, _master.Core.IdleSessions);
    }

    [Fact]
    [Trait("Behaviour", "G2")]
    public void Streaming_ReplicaAcknowledgesButTakesNoData_ClosesForWantOfProgress()
    {
        var replica = new ScriptedReplica(_master);
        replica.BeginStreaming();
        _master.Set("key", "value");
        SendWork work = replica.Session.NextWork(new ArrayBufferWriter<byte>(), _master.Now);
        Assert.Equal(SendKind.Stream, work.Kind);
        for (int i = 0; i < 29; i++)
        {
            _master.Advance(1_000);
            replica.Give(new AckFrame(0, 0, 0, 0));
            Assert.False(replica.Session.IsClosed);
        }

        _master.Advance(1_000);
        Assert.Equal(CloseReason.NoProgress, replica.Session.ClosedFor);

        // The piece that was being sent is given back afterwards, as the loop does in its last breath.
        replica.Session.Complete(work, _master.Now);
    }

    [Fact]
    public void Streaming_Always_HeartsBeatInTheirInterval()
    {
        var replica = new ScriptedReplica(_master);
        replica.BeginStreaming();
        _master.Advance(0);
        Assert.Equal([FrameType.Heartbeat, FrameType.Heartbeat], replica.Take().Select(frame => frame.Type));
        _master.Advance(9_999);
        Assert.Empty(replica.Take());

        _master.Advance(1);
        List<SentFrame> frames = replica.Take();
        Assert.Null(frames[0].Read<HeartbeatFrame>().Digest);
        Assert.Equal(new OffsetDigest(_master.Offset, _master.Digest.Sum), frames[1].Read<HeartbeatFrame>().Digest);
    }

    [Fact]
    [Trait("Behaviour", "A17")]
    public void Waiting_InLine_IsKeptAliveAndToldItsPlaceUntilItsTurnComes()
    {
        ScriptedReplica[] replicas = [.. Enumerable.Range(0, 3).Select(_ => new ScriptedReplica(_master))];
        foreach (ScriptedReplica replica in replicas)
        {
            replica.AskForFullSync();
        }

        Assert.Equal(1, replicas[1].TakeOne<FullSyncWaitFrame>().Position);
        Assert.Equal(2, replicas[2].TakeOne<FullSyncWaitFrame>().Position);
        _master.Advance(1_000);
        Assert.Equal(2, replicas[2].TakeOne<FullSyncWaitFrame>().Position);
        Assert.Empty(replicas[2].Take());
        _master.Advance(10_000);
        Assert.Equal(2, replicas[2].TakeOne<FullSyncWaitFrame>().Position);

        replicas[0].Session.Close(CloseReason.ConnectionLost, "", _master.Now);
        Assert.Equal(ReplicaSessionState.SendingSnapshot, replicas[1].Session.State);
        _master.Advance(10_000);
        Assert.Equal(1, replicas[2].Take().First(frame => frame.Type == FrameType.FullSyncWait).Read<FullSyncWaitFrame>().Position);
        Assert.Equal(2, _master.Counters.SyncFull);
    }

    [Fact]
    [Trait("Behaviour", "G2")]
    public void Waiting_NothingHeard_LosesItsPlace()
    {
        var first = new ScriptedReplica(_master);
        first.AskForFullSync();
        var second = new ScriptedReplica(_master);
        second.AskForFullSync();
        _master.Advance(29_000);
        first.Give(new AckFrame(0, 0, 0, 0));
        _master.Advance(1_000);

        Assert.False(first.Session.IsClosed);
        Assert.Equal(CloseReason.Silence, second.Session.ClosedFor);
        Assert.Equal(0, _master.Core.FullSyncs.Waiting);
    }
}
