using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Forwarding;
using EmbeddedRepl.Storage;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication.Forwarding;

/// <summary>What a caller on a replica writes, when nothing breaks.</summary>
public sealed class ForwardingTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly CoreNode _master;
    private readonly CoreNode _replica;
    private readonly CorePair _link;

    public ForwardingTests()
    {
        _master = CoreNode.Master(_time);
        _master.Set("old", "value");
        _replica = CoreNode.Replica(_time);
        _link = new CorePair(_master, _replica);
        _link.Pump();
    }

    [Fact]
    [Trait("Behaviour", "N1")]
    public void Write_OnAReplica_EndsWhenTheReplicaItselfHasIt()
    {
        TestWrite write = TestWrite.Set("key", "new").On(_replica);
        string? seenAtTheEnd = null;
        _link.Between = () => seenAtTheEnd ??= write.State == ForwardedWriteState.Ended ? _replica.GetText("key") : null;

        Assert.Null(_replica.GetText("key"));
        _link.Pump();

        Assert.Equal((ForwardedWriteEnd.Done, 1), (write.End, write.Ends));
        Assert.Equal("new", seenAtTheEnd);
        Assert.Equal("new", _master.GetText("key"));
        Assert.Equal((_master.Core.Data.History.Id, _master.Offset), (write.Id, write.Offset));
        Assert.Equal(1, _replica.Counters.WritesForwarded);
    }

    [Fact]
    [Trait("Behaviour", "N1")]
    public void Operations_OfEveryKind_DoWhatTheyDoOnTheMaster()
    {
        TestWrite removed = TestWrite.Remove("old").On(_replica);
        TestWrite missing = TestWrite.Remove("missing").On(_replica);
        _link.Pump();
        Assert.Equal((WriteStatus.Applied, WriteStatus.Unchanged), (removed.Status, missing.Status));
        Assert.Null(_replica.Get("old"));

        TestWrite.Set("a", "1").On(_replica);
        TestWrite cleared = TestWrite.Clear().On(_replica);
        _link.Pump();
        Assert.Equal(ForwardedWriteEnd.Done, cleared.End);
        Assert.Equal(0, _replica.Core.Data.Store.Count);
        Assert.Equal(_master.Digest, _replica.Digest);
    }

    [Fact]
    [Trait("Behaviour", "N2")]
    public void Write_AtTheEndOfAChain_IsAppliedByTheRootAndSeenOnTheWayDown()
    {
        CoreNode leaf = CoreNode.Replica(_time, seed: 3);
        var lower = new CorePair(_replica, leaf) { PieceSize = 3 };
        lower.Pump();

        TestWrite write = TestWrite.Set("key", "leaf").On(leaf);
        for (int i = 0; i < 5; i++)
        {
            lower.Pump();
            _link.Pump();
        }

        Assert.Equal(ForwardedWriteEnd.Done, write.End);
        Assert.Equal(("leaf", "leaf", "leaf"), (_master.GetText("key"), _replica.GetText("key"), leaf.GetText("key")));
        Assert.Equal(_master.Digest, leaf.Digest);
    }

    [Fact]
    [Trait("Behaviour", "N3")]
    public void Writes_ManyAtATime_AreAppliedInTheOrderOfTheirCalls()
    {
        TestWrite[] writes = [.. Enumerable.Range(0, 1_000).Select(i => TestWrite.Set("key", $"{i}").On(_replica))];
        var seen = new List<int>();
        _link.PieceSize = 777;
        _link.Between = () => seen.Add(int.TryParse(_replica.GetText("key"), out int value) ? value : -1);
        _link.Pump();

        Assert.All(writes, write => Assert.Equal(ForwardedWriteEnd.Done, write.End));
        Assert.Equal(seen.Order(), seen);
        Assert.Equal(writes.Select(write => write.Offset).Order(), writes.Select(write => write.Offset));
        Assert.Equal("999", _master.GetText("key"));
    }

    [Fact]
    [Trait("Behaviour", "N3")]
    public void Write_ThatThereWouldBeRoomFor_WaitsBehindALargerOneThatWaits()
    {
        CoreNode replica = CoreNode.Replica(_time, new NodeSettings { ForwardBufferSize = 100_000 }, seed: 4);
        var link = new CorePair(_master, replica);
        link.Pump();
        TestWrite[] writes = [.. new[] { 60_000, 60_000, 10 }.Select(size => TestWrite.Set("key", new byte[size]).On(replica))];
        Assert.Equal([ForwardedWriteState.Queued, ForwardedWriteState.Waiting, ForwardedWriteState.Waiting], writes.Select(write => write.State));
        link.Pump();

        Assert.All(writes, write => Assert.Equal(ForwardedWriteEnd.Done, write.End));
        Assert.Equal(10, _master.Get("key")!.Length);
    }

    [Fact]
    [Trait("Behaviour", "N8")]
    public void Value_OfMegabytes_TravelsInPiecesAndOthersAreNotHeldUpForLong()
    {
        byte[] large = new byte[3 << 20];
        new Random(1).NextBytes(large);
        TestWrite write = TestWrite.Set("large", large).On(_replica);
        _link.PieceSize = 10_000;
        _link.Pump();

        Assert.Equal(ForwardedWriteEnd.Done, write.End);
        Assert.Equal(large, _replica.Get("large"));
        Assert.Equal(_master.Digest, _replica.Digest);
    }

    [Fact]
    [Trait("Behaviour", "N8")]
    public void Writes_BeyondTheBuffer_WaitAndAllAreDoneInTheEnd()
    {
        CoreNode replica = CoreNode.Replica(_time, new NodeSettings { ForwardBufferSize = 100_000 }, seed: 4);
        var link = new CorePair(_master, replica);
        link.Pump();
        TestWrite[] writes = [.. Enumerable.Range(0, 20).Select(i => TestWrite.Set($"key{i}", new byte[30_000]).On(replica))];

        Assert.Equal(3, writes.Count(write => write.State == ForwardedWriteState.Queued));
        Assert.Equal(17, writes.Count(write => write.State == ForwardedWriteState.Waiting));
        link.Pump();
        Assert.All(writes, write => Assert.Equal(ForwardedWriteEnd.Done, write.End));
        Assert.Equal(_master.Digest, replica.Digest);
    }

    [Fact]
    [Trait("Behaviour", "N8")]
    public void Write_BeyondTheirNumber_FailsAtOnceWithTheOptionsName()
    {
        CoreNode replica = CoreNode.Replica(_time, new NodeSettings { MaxForwardedWrites = 2 }, seed: 4);
        new CorePair(_master, replica).Pump();
        TestWrite.Set("a", "1").On(replica);
        TestWrite.Set("b", "1").On(replica);

        var exception = Assert.Throws<ReplicatedCacheException>(() => TestWrite.Set("c", "1").On(replica));
        Assert.Contains("MaxForwardedWrites", exception.Message, StringComparison.Ordinal);
        Assert.Equal(2, replica.Core.Forwarder.Count);
    }

    [Fact]
    [Trait("Behaviour", "N10")]
    public void Write_TooFewReplicasFollowTheMaster_IsRefusedWithThatReasonAndNothingIsWritten()
    {
        CoreNode master = CoreNode.Master(_time, new NodeSettings { MinReplicasToWrite = 2 }, seed: 5);
        CoreNode replica = CoreNode.Replica(_time, seed: 6);
        var link = new CorePair(master, replica);
        link.Pump();
        TestWrite write = TestWrite.Set("key", "value").On(replica);
        link.Pump();

        Assert.Equal((ForwardedWriteEnd.Refused, WriteStatus.TooFewReplicas), (write.End, write.Status));
        Assert.Null(master.Get("key"));
    }

    [Fact]
    [Trait("Behaviour", "N10")]
    public void Write_LargerThanTheMasterTakes_IsRefusedAndTheLinkStays()
    {
        CoreNode master = CoreNode.Master(_time, new NodeSettings { MaxValueSize = 1_000 }, seed: 5);
        CoreNode replica = CoreNode.Replica(_time, seed: 6);
        var link = new CorePair(master, replica);
        link.Pump();
        TestWrite small = TestWrite.Set("small", new byte[1_001]).On(replica);
        TestWrite large = TestWrite.Set("large", new byte[200_000]).On(replica);
        TestWrite fits = TestWrite.Set("fits", new byte[1_000]).On(replica);
        link.Pump();

        Assert.Equal((WriteStatus.TooLarge, WriteStatus.TooLarge, WriteStatus.Applied), (small.Status, large.Status, fits.Status));
        Assert.True(replica.Core.IsLinkUp);
        Assert.Equal(1, master.Core.Data.Store.Count);
    }

    [Fact]
    [Trait("Behaviour", "N10")]
    public void Write_ThatIsNoOperation_IsRefusedAndTheLinkStays()
    {
        TestWrite unknown = TestWrite.Raw(0x91, 0x09).On(_replica);
        TestWrite cut = TestWrite.Raw(0x93, 0x01, 0xC4).On(_replica);
        TestWrite good = TestWrite.Set("key", "value").On(_replica);
        _link.Pump();

        Assert.Equal((WriteStatus.Refused, WriteStatus.Refused, WriteStatus.Applied), (unknown.Status, cut.Status, good.Status));
        Assert.True(_replica.Core.IsLinkUp);
    }

    [Fact]
    [Trait("Behaviour", "N14")]
    public void Expiration_OfAForwardedWrite_IsCountedOnTheMastersClock()
    {
        var ahead = new ManualTimeProvider();
        ahead.Advance(TimeSpan.FromMinutes(5));
        CoreNode replica = CoreNode.Replica(ahead, seed: 7);
        var link = new CorePair(_master, replica);
        link.Pump();
        long now = _master.Now.UtcMilliseconds;
        DateTimeOffset absolute = DateTimeOffset.FromUnixTimeMilliseconds(now + 777_000);
        TestWrite.Set("relative", [1], new WriteExpiration(null, TimeSpan.FromSeconds(60), null)).On(replica);
        TestWrite.Set("absolute", [1], new WriteExpiration(absolute, null, null)).On(replica);
        TestWrite.Set("sliding", [1], new WriteExpiration(absolute, null, TimeSpan.FromSeconds(30))).On(replica);
        link.Pump();

        foreach (CoreNode node in new[] { _master, replica })
        {
            Assert.Equal(new EntryExpiration(now + 60_000, 0, 0), ExpirationOf(node, "relative"));
            Assert.Equal(new EntryExpiration(now + 777_000, 0, 0), ExpirationOf(node, "absolute"));
            Assert.Equal(new EntryExpiration(now + 30_000, 30_000, now + 777_000), ExpirationOf(node, "sliding"));
        }
    }

    private static EntryExpiration ExpirationOf(CoreNode node, string key)
    {
        node.Core.Data.Store.TryGetMetadata(key, out EntryMetadata metadata);
        return metadata.Expiration;
    }
}
