using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Forwarding;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;
using static EmbeddedRepl.Tests.Replication.Forwarding.ForwardingSteps;

namespace EmbeddedRepl.Tests.Replication.Forwarding;

/// <summary>What a caller on a replica is told when a link breaks, a role changes, or time runs out: never wrong, and nothing is sent twice.</summary>
public sealed class BrokenForwardingTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly CoreNode _master;
    private readonly CoreNode _replica;

    public BrokenForwardingTests()
    {
        _master = CoreNode.Master(_time);
        _master.Set("old", "value");
        _replica = CoreNode.Replica(_time);
    }

    [Fact]
    [Trait("Behaviour", "N4")]
    public void Link_BreaksAfterEachFewBytes_NoWriteIsLostInSilenceOrAppliedTwice()
    {
        var ends = new HashSet<(ForwardedWriteEnd, bool)>();
        CorePair link = Connect(_master, _replica);
        for (int steps = 0; steps < 60; steps++)
        {
            string key = $"key{steps}";
            long before = _master.Core.Data.Changes;
            TestWrite write = TestWrite.Set(key, new byte[100]).On(_replica);
            link.PieceSize = 25;
            int left = steps;
            link.MayDeliver = () => left-- > 0;
            link.Pump();
            link.Break();
            link = Connect(_master, _replica);
            bool isApplied = _master.Get(key) is not null;
            Assert.Equal(1, write.Ends);
            Assert.Equal(isApplied ? 1 : 0, _master.Core.Data.Changes - before);
            Assert.Equal(_master.Digest, _replica.Digest);
            ends.Add((write.End, isApplied));
        }

        // Each of these happened, and nothing else: a write that was said to be done was, and of no other was it said wrongly.
        Assert.Equal(
            [(ForwardedWriteEnd.Done, true), (ForwardedWriteEnd.Unknown, false), (ForwardedWriteEnd.Unknown, true)],
            ends.OrderBy(end => end.Item1).ThenBy(end => end.Item2));
    }

    [Fact]
    [Trait("Behaviour", "N4")]
    public void Link_BreaksBeforeAnythingWasSent_TheWriteEndsUnsentAndIsNotSentLater()
    {
        CorePair link = Connect(_master, _replica);
        TestWrite write = TestWrite.Set("key", "value").On(_replica);
        link.Break();
        Connect(_master, _replica).Pump();

        Assert.Equal((ForwardedWriteEnd.NotSent, 1), (write.End, write.Ends));
        Assert.Null(_master.Get("key"));
        Assert.True(_replica.Core.Uplink.IsEmpty);
    }

    [Fact]
    [Trait("Behaviour", "N4")]
    public void Link_BreaksBeforeTheAnswer_TheOutcomeIsUnknownAndNothingIsSentAgain()
    {
        CorePair link = Connect(_master, _replica);
        TestWrite write = TestWrite.Set("key", "value").On(_replica);
        TakeWhatIsSent(link);
        link.Break();
        Connect(_master, _replica).Pump();

        Assert.Equal((ForwardedWriteEnd.Unknown, 1), (write.End, write.Ends));
        Assert.Null(_master.Get("key"));
        Assert.Equal(1, _replica.Counters.ForwardsUnknown);
    }

    [Fact]
    [Trait("Behaviour", "N4")]
    public void Link_BreaksAfterTheAnswer_TheCallerStillGetsItWhenTheNextLinkBringsTheStream()
    {
        CorePair link = Connect(_master, _replica);
        TestWrite write = TestWrite.Set("key", "value").On(_replica);
        byte[] request = TakeWhatIsSent(link);
        Feed(link.Session, request, _master);
        var output = new ArrayBufferWriter<byte>();
        link.Session.NextWork(output, _master.Now);
        byte[] answer = WithoutStream(output.WrittenSpan.ToArray());
        Feed(link.Link, answer, _replica);
        Assert.Equal(ForwardedWriteState.Answered, write.State);

        link.Break();
        Assert.Equal(0, write.Ends);
        Connect(_master, _replica).Pump();
        Assert.Equal((ForwardedWriteEnd.Done, "value"), (write.End, _replica.GetText("key")));
    }

    [Fact]
    [Trait("Behaviour", "N4")]
    public void Answer_FromAMasterThatIsFollowedNoLonger_HoldsUpNoOtherWrite()
    {
        TestWrite stuck = AnswerAndBreak();
        CoreNode other = CoreNode.Master(_time, seed: 9);
        _replica.Follow(isOrdered: true, master: "other:6390");
        CorePair link = Connect(other, _replica);
        TestWrite next = TestWrite.Set("next", "value").On(_replica);
        link.Pump();

        Assert.Equal((ForwardedWriteEnd.None, ForwardedWriteEnd.Done), (stuck.End, next.End));
        _replica.Advance(_replica.Core.Settings.ForwardTimeout);
        Assert.Equal(ForwardedWriteEnd.NotHere, stuck.End);
        Assert.False(_replica.Core.Forwarder.AwaitsPosition);
    }

    [Fact]
    [Trait("Behaviour", "N13")]
    public void Replica_IsPromotedWithAnAnswerOfAnotherLine_ItsCallerWaitsNoLonger()
    {
        TestWrite stuck = AnswerAndBreak();
        CoreNode other = CoreNode.Master(_time, seed: 9);
        _replica.Follow(isOrdered: true, master: "other:6390");
        Connect(other, _replica);
        _replica.Core.Promote(force: false, _replica.Now);

        Assert.Equal((ForwardedWriteEnd.NotHere, 0), (stuck.End, _replica.Core.Forwarder.Count));
    }

    [Fact]
    [Trait("Behaviour", "N4")]
    public void Answer_UnderAnIdThatTheStreamStillHasToBring_EndsWhenItHasBroughtIt()
    {
        // The master was itself a replica; it is promoted, and its answer overtakes the news.
        CoreNode root = CoreNode.Master(_time, seed: 9);
        CoreNode middle = CoreNode.Replica(_time, seed: 10);
        Connect(root, middle);
        CorePair link = Connect(middle, _replica);
        middle.Core.Promote(force: false, middle.Now);
        TestWrite write = TestWrite.Set("key", "value").On(_replica);
        Feed(link.Session, TakeWhatIsSent(link), middle);
        Feed(link.Link, Bytes(new WriteReplyFrame(
            _replica.Core.RunId, 1, 1, WriteStatus.Applied, middle.Core.Data.History.Id, middle.Offset, "")), _replica);
        Assert.Equal((ForwardedWriteState.Answered, false), (write.State, _replica.Core.Forwarder.AwaitsPosition));
        link.Pump();

        Assert.Equal((ForwardedWriteEnd.Done, 1), (write.End, write.Ends));
    }

    [Fact]
    [Trait("Behaviour", "N4")]
    public void Answer_OfAKindThatOnlyALaterVersionKnows_IsAnUnknownOutcome()
    {
        CorePair link = Connect(_master, _replica);
        TestWrite write = TestWrite.Set("key", "value").On(_replica);
        TakeWhatIsSent(link);
        Feed(link.Link, Bytes(new WriteReplyFrame(_replica.Core.RunId, 1, 1, (WriteStatus)99, _master.Core.Data.History.Id, 0, "")), _replica);

        Assert.Equal((ForwardedWriteEnd.Unknown, true), (write.End, _replica.Core.IsLinkUp));
    }

    [Fact]
    [Trait("Behaviour", "N7")]
    public void Write_WhileTheLinkIsDown_FailsAtOnceAndSaysWhy()
    {
        Connect(_master, _replica).Break();

        var exception = Assert.Throws<MasterUnreachableException>(() => TestWrite.Set("key", "value").On(_replica));
        Assert.Contains("master:6390", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Nothing was written", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, _replica.Core.Forwarder.Count);
    }

    [Fact]
    [Trait("Behaviour", "N6")]
    public void Request_FromAConnectionThatWasGivenUp_IsNotAppliedAfterANewerOne()
    {
        CorePair zombie = Connect(_master, _replica);
        TestWrite.Set("key", "first").On(_replica);
        byte[] late = TakeWhatIsSent(zombie);
        zombie.Link.Close(CloseReason.Silence, "The replica gives the link up; the master does not know yet.", _replica.Now);

        CorePair link = Connect(_master, _replica);
        TestWrite second = TestWrite.Set("key", "second").On(_replica);
        link.Pump();
        Assert.Equal(ForwardedWriteEnd.Done, second.End);
        long offset = _master.Offset;
        Feed(zombie.Session, late, _master);

        Assert.Equal(("second", offset), (_master.GetText("key"), _master.Offset));
    }

    [Fact]
    [Trait("Behaviour", "N6")]
    public void Request_ThatANodeOnTheWayHeldBack_IsNotAppliedAfterANewerOne()
    {
        CoreNode leaf = CoreNode.Replica(_time, seed: 3);
        CorePair upper = Connect(_master, _replica);
        CorePair lower = Connect(_replica, leaf);
        TestWrite first = TestWrite.Set("key", "first").On(leaf);
        lower.Pump();
        byte[] late = TakeWhatIsSent(upper);

        // The middle node's link breaks for it alone; it tells the leaf, and the leaf's next write goes another way.
        upper.Link.Close(CloseReason.Silence, "Given up.", _replica.Now);
        lower.Pump();
        Assert.Equal(ForwardedWriteEnd.Unknown, first.End);
        Connect(_master, _replica).Pump();
        lower.Pump();
        TestWrite second = TestWrite.Set("key", "second").On(leaf);
        PumpBoth(lower);
        Assert.Equal("second", _master.GetText("key"));
        Feed(upper.Session, late, _master);

        Assert.Equal("second", _master.GetText("key"));
        Assert.Equal(ForwardedWriteEnd.Done, second.End);
    }

    [Fact]
    [Trait("Behaviour", "N6")]
    public void Request_ThatComesLateOverAConnectionThatHolds_IsFenced()
    {
        // Two nodes pass on for one that has moved from the first to the second; neither has lost its own link, so no session is over that could drop what is late.
        RunId leaf = CoreNode.RunIdOf(7);
        var first = new ScriptedReplica(_master);
        first.BeginStreaming();
        var second = new ScriptedReplica(_master);
        second.BeginStreaming();
        second.Give(new WriteRequestFrame(leaf, Session: 2, RequestNumber: 8, IsLast: true, new ReadOnlySequence<byte>([0x92, 0x02, 0xC4, 0x03, (byte)'n', (byte)'e', (byte)'w'])));
        Assert.Equal(WriteStatus.Unchanged, second.TakeOne<WriteReplyFrame>().Status);
        first.Take();
        first.Give(new WriteRequestFrame(leaf, Session: 1, RequestNumber: 7, IsLast: true, new ReadOnlySequence<byte>([0x92, 0x02, 0xC4, 0x03, (byte)'o', (byte)'l', (byte)'d'])));

        WriteReplyFrame reply = first.TakeOne<WriteReplyFrame>();
        Assert.Equal((leaf, 1, 7, WriteStatus.Fenced), (reply.Originator, reply.Session, reply.RequestNumber, reply.Status));
        Assert.Equal("value", _master.GetText("old"));
    }

    [Fact]
    [Trait("Behaviour", "N11")]
    public void MiddleNode_LosesItsLinkInTheMiddleOfALargeWrite_TheRestIsNotTakenForAnotherWrite()
    {
        CoreNode leaf = CoreNode.Replica(_time, seed: 3);
        CorePair upper = Connect(_master, _replica);
        CorePair lower = Connect(_replica, leaf);

        // The value is itself made of operations: if its rest were taken for a request, they would be applied.
        byte[] trap = [.. Enumerable.Repeat(new byte[] { 0x92, 0x02, 0xC4, 0x03, (byte)'o', (byte)'l', (byte)'d' }, 40_000).SelectMany(bytes => bytes)];
        TestWrite write = TestWrite.Set("large", trap).On(leaf);
        Feed(lower.Session, NextSend(lower), _replica);
        upper.Step();
        upper.Break();
        lower.Pump();
        Assert.Equal(ForwardedWriteEnd.Unknown, write.End);

        CorePair again = Connect(_master, _replica);
        again.Pump();
        PumpBoth(lower);
        TestWrite next = TestWrite.Set("next", "value").On(leaf);
        lower.Pump();
        again.Pump();
        lower.Pump();
        Assert.Equal(ForwardedWriteEnd.Done, next.End);
        Assert.Equal("value", _master.GetText("old"));
        Assert.Null(_master.Get("large"));
    }

    [Fact]
    [Trait("Behaviour", "N11")]
    public void Request_ThatComesBackToItsOwnNode_IsAnsweredThereAndNotPassedOn()
    {
        CoreNode leaf = CoreNode.Replica(_time, seed: 3);
        Connect(_master, _replica);
        CorePair lower = Connect(_replica, leaf);
        var request = new WriteRequestFrame(_replica.Core.RunId, Session: 1, RequestNumber: 5, IsLast: true, new ReadOnlySequence<byte>([0x92, 0x02, 0xC4, 0x03, (byte)'o', (byte)'l', (byte)'d']));
        Feed(lower.Session, Bytes(request), _replica);

        Assert.True(_replica.Core.Uplink.IsEmpty);
        Assert.Equal((0, 0), _replica.Core.Requests.Held);
        var answer = new ReadOnlySequence<byte>(TakeAnswer(lower, _replica));
        Assert.True(FrameReader.TryRead(ref answer, FrameLimits.Data, out FrameType type, out ReadOnlySequence<byte> payload));
        Assert.Equal(FrameType.WriteReply, type);
        WriteReplyFrame reply = FramePayload.Read<WriteReplyFrame>(payload);
        Assert.Equal((_replica.Core.RunId, 1, 5, WriteStatus.Fenced), (reply.Originator, reply.Session, reply.RequestNumber, reply.Status));
    }

    [Fact]
    [Trait("Behaviour", "N11")]
    public void MiddleNode_WithoutALink_AnswersThatThereIsNoMaster()
    {
        CoreNode leaf = CoreNode.Replica(_time, seed: 3);
        CorePair upper = Connect(_master, _replica);
        CorePair lower = Connect(_replica, leaf);
        upper.Break();
        TestWrite write = TestWrite.Set("key", "value").On(leaf);
        lower.Pump();

        Assert.Equal((ForwardedWriteEnd.Refused, WriteStatus.NoMaster), (write.End, write.Status));
        Assert.True(leaf.Core.IsLinkUp);
    }

    [Fact]
    [Trait("Behaviour", "N11")]
    public void MiddleNode_IsPromotedInTheMiddleOfALargeWrite_NothingOfItIsApplied()
    {
        CoreNode leaf = CoreNode.Replica(_time, seed: 3);
        Connect(_master, _replica);
        CorePair lower = Connect(_replica, leaf);
        TestWrite write = TestWrite.Set("large", new byte[300_000]).On(leaf);
        Feed(lower.Session, NextSend(lower), _replica);
        _replica.Core.Promote(force: false, _replica.Now);
        lower.Pump();
        TestWrite next = TestWrite.Set("next", "value").On(leaf);
        lower.Pump();

        Assert.Equal(ForwardedWriteEnd.Unknown, write.End);
        Assert.Equal(ForwardedWriteEnd.Done, next.End);
        Assert.Null(_replica.Get("large"));
        Assert.Equal("value", leaf.GetText("next"));
    }

    [Fact]
    [Trait("Behaviour", "N12")]
    public void Time_RunsOut_TheEndSaysHowFarTheWriteHadCome()
    {
        CorePair link = Connect(_master, _replica);
        TestWrite unsent = TestWrite.Set("unsent", "value").On(_replica);
        _replica.Advance(_replica.Core.Settings.ForwardTimeout);
        Assert.Equal(ForwardedWriteEnd.NotSent, unsent.End);

        TestWrite sent = TestWrite.Set("sent", "value").On(_replica);
        TakeWhatIsSent(link);
        _replica.Advance(_replica.Core.Settings.ForwardTimeout - 1);
        Assert.Equal(0, sent.Ends);
        _replica.Advance(1);
        Assert.Equal(ForwardedWriteEnd.Unknown, sent.End);
        Assert.Equal(0, _replica.Core.Forwarder.Count);
        link.Pump();
        Assert.Null(_master.Get("unsent"));
    }

    [Fact]
    [Trait("Behaviour", "N12")]
    public void Time_IsMadeShorter_EndsThoseThatWaitInTheOrderOfTheirCalls()
    {
        Connect(_master, _replica);
        TestWrite first = TestWrite.Set("first", "value").On(_replica);
        _replica.Core.ChangeSettings(_replica.Core.Settings with { ForwardTimeout = 1_000 }, _replica.Now);
        TestWrite second = TestWrite.Set("second", "value").On(_replica);
        _replica.Advance(1_000);

        Assert.Equal((ForwardedWriteEnd.NotSent, ForwardedWriteEnd.NotSent), (first.End, second.End));
    }

    [Fact]
    [Trait("Behaviour", "N12")]
    public void Caller_GivesUpBeforeItIsSent_NothingIsSentAndTheRoomIsFree()
    {
        CoreNode replica = CoreNode.Replica(_time, new NodeSettings { ForwardBufferSize = 100_000 }, seed: 4);
        CorePair link = Connect(_master, replica);
        TestWrite[] writes = [.. Enumerable.Range(0, 4).Select(i => TestWrite.Set($"key{i}", new byte[60_000]).On(replica))];
        replica.Core.Forwarder.Cancel(writes[0]);
        replica.Core.Forwarder.Cancel(writes[2]);
        link.Pump();

        Assert.Equal(
            [ForwardedWriteEnd.Cancelled, ForwardedWriteEnd.Done, ForwardedWriteEnd.Cancelled, ForwardedWriteEnd.Done], writes.Select(write => write.End));
        Assert.Null(_master.Get("key0"));
        Assert.Null(_master.Get("key2"));
        Assert.Equal(0, replica.Core.Forwarder.Count);
    }

    [Fact]
    [Trait("Behaviour", "N13")]
    public void Replica_IsPromotedWhileItsWritesAreOut_TheyEndAsUnknownOrAsNotHere()
    {
        CorePair link = Connect(_master, _replica);
        TestWrite answered = TestWrite.Set("answered", "value").On(_replica);
        Feed(link.Session, TakeWhatIsSent(link), _master);
        var output = new ArrayBufferWriter<byte>();
        link.Session.NextWork(output, _master.Now);
        Feed(link.Link, WithoutStream(output.WrittenSpan.ToArray()), _replica);
        TestWrite sent = TestWrite.Set("sent", "value").On(_replica);
        TakeWhatIsSent(link);
        TestWrite unsent = TestWrite.Set("unsent", "value").On(_replica);
        _replica.Core.Promote(force: false, _replica.Now);

        Assert.Equal((ForwardedWriteEnd.NotHere, ForwardedWriteEnd.Unknown, ForwardedWriteEnd.NotSent), (answered.End, sent.End, unsent.End));
        Assert.Equal(0, _replica.Core.Forwarder.Count);
        Assert.False(_replica.Core.Forwarder.AwaitsPosition);
    }

    [Fact]
    [Trait("Behaviour", "N13")]
    public void Master_IsDemotedInTheMiddleOfALargeWrite_TheWriteIsRefused()
    {
        CoreNode other = CoreNode.Master(_time, seed: 9);
        CorePair link = Connect(_master, _replica);
        TestWrite write = TestWrite.Set("large", new byte[300_000]).On(_replica);
        Feed(link.Session, NextSend(link), _master);
        _master.Follow(isOrdered: true, master: "other:6390");
        link.Pump();

        Assert.Equal((ForwardedWriteEnd.Refused, WriteStatus.Refused), (write.End, write.Status));
        Assert.Null(_master.Get("large"));
        _ = other;
    }

    [Fact]
    [Trait("Behaviour", "N13")]
    public void Replica_Stops_EverybodyIsReleased()
    {
        CorePair link = Connect(_master, _replica);
        TestWrite sent = TestWrite.Set("sent", "value").On(_replica);
        TakeWhatIsSent(link);
        TestWrite unsent = TestWrite.Set("unsent", "value").On(_replica);
        _replica.Core.Stop(_replica.Now);

        Assert.Equal((ForwardedWriteEnd.Unknown, ForwardedWriteEnd.NotSent), (sent.End, unsent.End));
        Assert.Throws<NodeStoppedException>(() => TestWrite.Set("key", "value").On(_replica));
    }

    /// <summary>A write whose answer came, and whose stream did not before the link broke.</summary>
    private TestWrite AnswerAndBreak()
    {
        CorePair link = Connect(_master, _replica);
        TestWrite write = TestWrite.Set("key", "value").On(_replica);
        Feed(link.Session, TakeWhatIsSent(link), _master);
        Feed(link.Link, TakeAnswer(link, _master), _replica);
        link.Break();
        Assert.Equal(ForwardedWriteState.Answered, write.State);
        return write;
    }

    private void PumpBoth(CorePair lower)
    {
        lower.Pump();
        var work = new ArrayBufferWriter<byte>();
        while (_replica.Core.Upstream!.Link is { } link && link.NextWork(work, _replica.Now).Kind != SendKind.Wait)
        {
        }

        MasterSessionOf(_master, work.WrittenSpan.ToArray());
        lower.Pump();
    }

    private void MasterSessionOf(CoreNode master, byte[] bytes)
    {
        var session = master.Core.Sessions[^1];
        Feed(session, bytes, master);
        var output = new ArrayBufferWriter<byte>();
        SendWork work;
        while ((work = session.NextWork(output, master.Now)).Kind != SendKind.Wait)
        {
            session.Encode(work, output);
            session.Complete(work, master.Now);
        }

        Feed(_replica.Core.Upstream!.Link!, output.WrittenSpan.ToArray(), _replica);
    }
}
