using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Forwarding;
using EmbeddedRepl.Storage;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication;

/// <summary>A node of this version beside one of a later minor version, which appends fields and offers what this one does not know: they agree on what both know.</summary>
public sealed class LaterMinorVersionTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly HashSet<FrameType> _seen = [];

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Pair_WithANodeOfALaterMinorVersion_SyncsForwardsTouchesAndContinues(bool isMasterLater, bool isReplicaLater)
    {
        CoreNode master = CoreNode.Master(_time);
        master.Set("key", "value");
        master.Set("sliding", [1], new EntryExpiration(master.Now.UtcMilliseconds + 60_000, 60_000, 0));
        CoreNode replica = CoreNode.Replica(_time);
        CorePair first = Connect(master, replica, isMasterLater, isReplicaLater);

        TestWrite forwarded = TestWrite.Set("forwarded", "new").On(replica);
        master.Set("more", "of it");
        Run(first, master, replica, milliseconds: 20_000);
        Assert.Equal((ForwardedWriteEnd.Done, "new"), (forwarded.End, master.GetText("forwarded")));
        AssertEqual(master, replica);

        Assert.NotNull(replica.Get("sliding"));
        Run(first, master, replica, milliseconds: 50_000);
        Assert.NotNull(master.Get("sliding"));
        AssertEqual(master, replica);

        first.Break();
        master.Set("meanwhile", "this");
        _time.Advance(TimeSpan.FromSeconds(1));
        CorePair second = Connect(master, replica, isMasterLater, isReplicaLater);
        AssertEqual(master, replica);
        Assert.Equal((1, 1), (replica.Counters.FullSyncsCompleted, replica.Counters.PartialResyncsCompleted));

        second.Break();
        if (isMasterLater)
        {
            Assert.Superset(
                new HashSet<FrameType> { FrameType.HelloReply, FrameType.Identified, FrameType.FullSyncOffer, FrameType.FullSyncStart, FrameType.SnapshotEnd, FrameType.Heartbeat, FrameType.WriteReply, FrameType.Continue },
                _seen);
        }

        if (isReplicaLater)
        {
            Assert.Superset(
                new HashSet<FrameType> { FrameType.Hello, FrameType.Identify, FrameType.SyncRequest, FrameType.FullSyncAccept, FrameType.Ack, FrameType.WriteRequest, FrameType.TouchRequest },
                _seen);
        }
    }

    private static void AssertEqual(CoreNode master, CoreNode replica)
    {
        Assert.Equal((master.Core.Data.History.Id, master.Offset), (replica.Core.Data.History.Id, replica.Offset));
        Assert.Equal(master.Digest, replica.Digest);
        Assert.Equal(0, replica.Counters.DigestMismatches);
    }

    private static void Run(CorePair pair, CoreNode master, CoreNode replica, int milliseconds)
    {
        for (int passed = 0; passed < milliseconds; passed += 500)
        {
            master.Time.Advance(TimeSpan.FromMilliseconds(500));
            master.Core.Tick(master.Now);
            replica.Core.Tick(replica.Now);
            pair.Pump();
            Assert.False(pair.Link.IsClosed, pair.Link.CloseMessage);
        }
    }

    private CorePair Connect(CoreNode master, CoreNode replica, bool isMasterLater, bool isReplicaLater)
    {
        var pair = new CorePair(master, replica);
        if (isMasterLater)
        {
            pair.RewriteToReplica = frames => LaterMinorVersion.Rewrite(frames, _seen);
        }

        if (isReplicaLater)
        {
            pair.RewriteToMaster = frames => LaterMinorVersion.Rewrite(frames, _seen);
        }

        pair.Pump();
        return pair;
    }
}
