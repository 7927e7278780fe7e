using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Forwarding;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;
using static EmbeddedRepl.Tests.Replication.Forwarding.ForwardingSteps;

namespace EmbeddedRepl.Tests.Replication.Forwarding;

/// <summary>What is kept of forwarded writes, on the caller's node, on the way and on the master: never more than is allowed, and nothing of what is over.</summary>
public sealed class HeldWritesTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly CoreNode _master;
    private readonly CoreNode _replica;
    private readonly CoreNode _leaf;

    public HeldWritesTests()
    {
        _master = CoreNode.Master(_time);
        _master.Set("old", "value");
        _replica = CoreNode.Replica(_time);
        _leaf = CoreNode.Replica(_time, seed: 3);
    }

    [Fact]
    [Trait("Behaviour", "N8")]
    public void Writes_GivenUpBeforeTheyAreSent_HoldNoBytes()
    {
        CoreNode replica = CoreNode.Replica(_time, new NodeSettings { ForwardBufferSize = 100_000, ForwardTimeout = 1_000 }, seed: 4);
        Connect(_master, replica);
        TestWrite[] writes = [.. Enumerable.Range(0, 6).Select(i => TestWrite.Set($"key{i}", new byte[60_000]).On(replica))];
        replica.Core.Forwarder.Cancel(writes[0]);
        replica.Core.Forwarder.Cancel(writes[3]);

        Assert.Equal([false, true, true, false, true, true], writes.Select(write => write.HoldsBytes));
        replica.Advance(1_000);
        Assert.All(writes, write => Assert.False(write.HoldsBytes));
    }

    [Fact]
    [Trait("Behaviour", "N8")]
    public void Writes_GivenUpWhileTheMasterDoesNotAnswer_CountUntilTheLinkIsOver()
    {
        CoreNode replica = CoreNode.Replica(_time, new NodeSettings { MaxForwardedWrites = 10 }, seed: 4);
        CorePair link = Connect(_master, replica);
        for (int i = 0; i < 10; i++)
        {
            TestWrite write = TestWrite.Set("key", "value").On(replica);
            TakeWhatIsSent(link);
            replica.Core.Forwarder.Cancel(write);
        }

        Assert.Equal((0, 10), (replica.Core.Forwarder.Count, replica.Core.Forwarder.Unanswered));
        var exception = Assert.Throws<ReplicatedCacheException>(() => TestWrite.Set("key", "value").On(replica));
        Assert.Contains("MaxForwardedWrites", exception.Message, StringComparison.Ordinal);
        link.Break();
        Assert.Equal(0, replica.Core.Forwarder.Unanswered);
    }

    [Fact]
    [Trait("Behaviour", "N8")]
    public void Batch_LargerThanTheLargestOperation_IsApplied()
    {
        CoreNode master = CoreNode.Master(_time, new NodeSettings { MaxKeySize = 100, MaxValueSize = 1_000 }, seed: 5);
        CoreNode replica = CoreNode.Replica(_time, new NodeSettings { MaxKeySize = 100, MaxValueSize = 1_000 }, seed: 6);
        CorePair link = Connect(master, replica);
        TestWrite batch = TestWrite.SetMany(Enumerable.Range(0, 300).Select(i => ($"key{i}", new byte[900]))).On(replica);
        link.Pump();

        Assert.Equal((ForwardedWriteEnd.Done, ""), (batch.End, batch.Message));
        Assert.Equal(300, replica.Core.Data.Store.Count);
    }

    [Fact]
    [Trait("Behaviour", "N8")]
    public void Peer_SendsWritesAndTakesNoAnswers_IsCutAtTheLimit()
    {
        CoreNode master = CoreNode.Master(_time, new NodeSettings { ForwardBufferSize = 10_000 }, seed: 5);
        CorePair link = Connect(master, _replica);
        int sent = 0;
        while (!link.Session.IsClosed && sent < 10_000)
        {
            Feed(link.Session, Request(++sent, isLast: true, TestWrite.Remove("missing")), master);
        }

        Assert.Equal(CloseReason.NoProgress, link.Session.ClosedFor);
        Assert.Contains("ForwardBufferSize", link.Session.CloseMessage, StringComparison.Ordinal);
        Assert.InRange(sent, 10, 10_000 / 40);
    }

    [Fact]
    [Trait("Behaviour", "N8")]
    public void Write_FillsTheOutputOfItsOwnReplica_EndsThatSessionAndNothingIsKeptOfIt()
    {
        CoreNode master = CoreNode.Master(_time, new NodeSettings { BacklogSize = 1_000, ReplicaOutputLimit = 70_000 }, seed: 5);
        CorePair link = Connect(master, _replica);
        TestWrite.SetMany(Enumerable.Range(0, 30).Select(i => ($"key{i}", new byte[10_000]))).On(_replica);
        Feed(link.Session, TakeWhatIsSent(link), master);

        Assert.Equal(CloseReason.Overrun, link.Session.ClosedFor);
        Assert.Equal((0, 0), master.Core.Requests.Held);
    }

    [Fact]
    [Trait("Behaviour", "N11")]
    public void MiddleNode_LosesTheCallerInTheMiddleOfALargeWrite_TheMasterKeepsNothingOfIt()
    {
        CorePair upper = Connect(_master, _replica);
        CorePair lower = Connect(_replica, _leaf);
        TestWrite.Set("large", new byte[300_000]).On(_leaf);
        Feed(lower.Session, NextSend(lower), _replica);
        upper.Pump();
        Assert.NotEqual(0, _master.Core.Requests.Held.Bytes);
        lower.Break();
        upper.Pump();

        Assert.Equal((0, 0), _master.Core.Requests.Held);
        Assert.Equal((0, 0), _replica.Core.Requests.Held);
        Assert.Null(_master.Get("large"));
    }

    [Fact]
    [Trait("Behaviour", "N11")]
    public void MiddleNode_CallerComesBackInTheMiddleOfALargeWriteAndIsRefused_TheMasterKeepsNothingOfIt()
    {
        CoreNode middle = CoreNode.Replica(_time, new NodeSettings { ForwardBufferSize = 100_000 }, seed: 4);
        CorePair upper = Connect(_master, middle);
        CorePair zombie = Connect(middle, _leaf);
        TestWrite.Set("large", new byte[300_000]).On(_leaf);
        Feed(zombie.Session, NextSend(zombie), middle);
        upper.Pump();
        Assert.NotEqual(0, _master.Core.Requests.Held.Bytes);
        zombie.Link.Close(CloseReason.Silence, "The leaf gives the link up; the middle node does not know yet.", _leaf.Now);

        CorePair lower = Connect(middle, _leaf);
        FillUplink(middle, Connect(middle, CoreNode.Replica(_time, seed: 5)));
        TestWrite refused = TestWrite.Set("next", new byte[10_000]).On(_leaf);
        lower.Pump();
        Assert.Equal((ForwardedWriteEnd.Refused, WriteStatus.Refused), (refused.End, refused.Status));
        upper.Pump();

        Assert.Equal(0, _master.Core.Requests.Held.Bytes);
    }

    [Theory]
    [InlineData(300_000, 100_000)]
    [InlineData(65_600, 65_800)]
    [Trait("Behaviour", "N11")]
    public void MiddleNode_HasNoRoomForTheRestOfALargeWriteOrForItsLastFrame_RefusesItAndTheMasterKeepsNothingOfIt(int size, int room)
    {
        CoreNode middle = CoreNode.Replica(_time, new NodeSettings { ForwardBufferSize = room }, seed: 4);
        CorePair upper = Connect(_master, middle);
        CorePair lower = Connect(middle, _leaf);
        TestWrite write = TestWrite.Set("large", new byte[size]).On(_leaf);
        lower.Pump();
        Assert.Equal((ForwardedWriteEnd.Refused, WriteStatus.Refused), (write.End, write.Status));
        Assert.Contains("ForwardBufferSize", write.Message, StringComparison.Ordinal);
        upper.Pump();

        Assert.Equal((0, 0), _master.Core.Requests.Held);
        Assert.Equal((0, 0), middle.Core.Requests.Held);
        Assert.Equal(0, middle.Core.Uplink.RelayedBytes);
        Assert.Null(_master.Get("large"));
    }

    [Fact]
    [Trait("Behaviour", "N11")]
    public void MiddleNode_HearsTheRefusalBeforeTheWholeWriteHasCome_PassesTheRestOverAndKeepsNothing()
    {
        CoreNode master = CoreNode.Master(_time, new NodeSettings { MaxKeySize = 100, MaxValueSize = 1_000 }, seed: 5);
        CorePair upper = Connect(master, _replica);
        CorePair lower = Connect(_replica, _leaf);
        TestWrite write = TestWrite.Set("large", new byte[300_000]).On(_leaf);
        while (lower.Step())
        {
            upper.Pump();
        }

        Assert.Equal((ForwardedWriteEnd.Refused, WriteStatus.TooLarge), (write.End, write.Status));
        Assert.Equal((0, 0), _replica.Core.Requests.Held);
    }

    [Fact]
    [Trait("Behaviour", "N11")]
    public void Frames_WithoutOperations_FillTheBufferOfAMiddleNodeToo()
    {
        CoreNode middle = CoreNode.Replica(_time, new NodeSettings { ForwardBufferSize = 10_000 }, seed: 4);
        Connect(_master, middle);
        CorePair lower = Connect(middle, _leaf);
        for (int i = 1; i <= 1_000; i++)
        {
            Feed(lower.Session, Bytes(new WriteRequestFrame(_leaf.Core.RunId, 1, i, IsLast: true, default)), middle);
        }

        Assert.InRange(middle.Core.Uplink.RelayedBytes, 1, 10_000);
    }

    /// <summary>Another caller's writes wait at a middle node until there is no room for more.</summary>
    private static void FillUplink(CoreNode middle, CorePair other)
    {
        for (int i = 1; middle.Core.Uplink.HasRoomFor(10_000); i++)
        {
            TestWrite write = TestWrite.Set("other", new byte[10_000]);
            Feed(other.Session, Bytes(new WriteRequestFrame(CoreNode.RunIdOf(5), 1, i, IsLast: true, new ReadOnlySequence<byte>(write.TakePiece(int.MaxValue)))), middle);
        }
    }

    private byte[] Request(long number, bool isLast, TestWrite operations) =>
        Bytes(new WriteRequestFrame(_leaf.Core.RunId, 1, number, isLast, new ReadOnlySequence<byte>(operations.TakePiece(int.MaxValue))));
}
