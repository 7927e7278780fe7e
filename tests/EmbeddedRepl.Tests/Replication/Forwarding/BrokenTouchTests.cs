using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Forwarding;
using EmbeddedRepl.Storage;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;
using EmbeddedRepl.Tests.Storage;

namespace EmbeddedRepl.Tests.Replication.Forwarding;

/// <summary>Sliding entries that are read on replicas, when links break, nodes change their roles, and limits are reached.</summary>
public sealed class BrokenTouchTests
{
    private const string Key = "key";
    private const long Window = 10_000;

    private readonly ClockedNodes _nodes = new();
    private readonly CoreNode _master;
    private readonly CoreNode _replica;

    public BrokenTouchTests()
    {
        _master = _nodes.AddMaster();
        _replica = _nodes.AddReplica(_master, 60_000);
        _master.Set("other", [1]);
        ClockedNodes.SetSliding(_master, Key, 10 * Window);
        ClockedNodes.SetSliding(_master, "short", Window);
        _nodes.Settle();
    }

    [Fact]
    [Trait("Behaviour", "E6")]
    public void Link_DownWhileTheEntryIsRead_TheReadGoesUpLaterWithItsAge()
    {
        _nodes.Run(2 * Window);
        _nodes.Break(_nodes.LinkOf(_replica));
        long readAt = _master.Now.UtcMilliseconds;
        Assert.NotNull(_replica.Get(Key));
        _nodes.Run(Window / 2);
        _nodes.Connect(_master, _replica);
        _nodes.Run(2_000);

        Assert.Equal(readAt + (10 * Window), ClockedNodes.DeadlineOn(_master, Key));
    }

    [Fact]
    [Trait("Behaviour", "E6")]
    public void Link_BreaksWithATouchOnTheWay_ItIsSaidAgainOverTheNextOne()
    {
        long readAt = ReadWithTheLinkThatBreaks(_replica);

        Assert.Equal(readAt + (10 * Window), ClockedNodes.DeadlineOn(_master, Key));
    }

    // The leaf's own link holds, so nothing tells it to say anything again.
    [Fact]
    [Trait("Behaviour", "E6")]
    public void LinkOfAMiddleNode_BreaksWithATouchOnTheWay_TheMiddleNodePassesItUpAgain()
    {
        CoreNode leaf = _nodes.AddReplica(_replica);

        long readAt = ReadWithTheLinkThatBreaks(leaf);

        Assert.Equal(readAt + (10 * Window), ClockedNodes.DeadlineOn(_master, Key));
        Assert.Equal(1, leaf.Counters.TouchesSent);
    }

    [Fact]
    public void LinkOfAMiddleNode_BreaksLongAfterATouchWentUp_ItIsForgotten()
    {
        CoreNode leaf = _nodes.AddReplica(_replica);
        _nodes.Run(2 * Window);
        Assert.NotNull(leaf.Get(Key));
        _nodes.Run(1_000);
        Assert.Equal((0, 1), (_replica.Core.TouchRequests.Relayed, _replica.Core.TouchRequests.PassedUp));
        _nodes.Run((2 * _replica.Core.Settings.LinkTimeout) + 3_000);
        _nodes.Break(_nodes.LinkOf(_replica));

        Assert.Equal((0, 0), (_replica.Core.TouchRequests.Relayed, _replica.Core.TouchRequests.PassedUp));
    }

    [Fact]
    [Trait("Behaviour", "E6")]
    public void Master_ReplacedByAMiddleNode_IsToldWhatTheOldOneMayNotHaveStreamed()
    {
        CoreNode leaf = _nodes.AddReplica(_replica);
        _nodes.Run(Window);
        long readAt = _replica.Now.UtcMilliseconds;
        Assert.NotNull(leaf.Get(Key));
        _nodes.LinkOf(_replica).MayDeliver = () => false;
        _nodes.Run(2_000);
        Assert.Equal((1, 1), (leaf.Counters.TouchesSent, _replica.Counters.TouchesSent));
        _nodes.Kill(_master, _nodes.LinkOf(_replica));
        _replica.Core.Promote(force: false, _replica.Now);
        _nodes.Run(2_000);

        Assert.Equal(readAt + (10 * Window), ClockedNodes.DeadlineOn(_replica, Key));
        Assert.Equal(readAt + (10 * Window), ClockedNodes.DeadlineOn(leaf, Key));
    }

    [Fact]
    [Trait("Behaviour", "E12")]
    public void LocalExtension_OnAReplica_IsNoPartOfDigestSnapshotAndFile()
    {
        _nodes.Break(_nodes.LinkOf(_replica));
        var disk = new MemorySnapshotDisk();
        StoreDigest digest = _replica.Digest;
        long deadline = ClockedNodes.DeadlineOn(_replica, Key);
        _nodes.Run(2_000);
        Assert.NotNull(_replica.Get(Key));
        _nodes.Run(2_000);

        var snapshot = new SnapshotModel();
        snapshot.ReadAll(_replica.Core.Data.Store);
        Assert.Equal((deadline, digest), (snapshot.Entries[Key].Expiration.Deadline, snapshot.Digest));
        Assert.Equal((digest, _master.Offset), (_replica.Digest, _replica.Offset));
        _replica.Save(disk);
        CoreNode restarted = disk.RestartReplica(_replica.Time);
        Assert.Equal(ReadOutcome.Hit, restarted.Core.Data.Store.TryGetMetadata(Key, out EntryMetadata metadata));
        Assert.Equal((deadline, deadline), (metadata.Expiration.Deadline, metadata.EffectiveDeadline));
        Assert.Equal(digest, restarted.Digest);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Behaviour", "E12")]
    public void Promotion_OfAReplicaWithExtensions_TurnsThemIntoRecords(bool wasSent)
    {
        CoreNode below = _nodes.AddReplica(_replica);
        _nodes.Run(Window);
        long readAt = _replica.Now.UtcMilliseconds;
        Assert.NotNull(_replica.Get(Key));
        _nodes.LinkOf(_replica).MayDeliver = () => false;
        if (wasSent)
        {
            _nodes.Run(2_000);
        }


        Assert.Equal(wasSent ? 1 : 0, _replica.Counters.TouchesSent);
        long offset = _replica.Offset;
        _nodes.Kill(_master, _nodes.LinkOf(_replica));
        _replica.Core.Promote(force: false, _replica.Now);
        _nodes.Run(50);

        Assert.True(_replica.Offset > offset);
        Assert.Equal(readAt + (10 * Window), ClockedNodes.DeadlineOn(_replica, Key));
        Assert.Equal((_replica.Offset, _replica.Digest), (below.Offset, below.Digest));
    }

    // What was read longer ago is not remembered one by one; it shows when the deadline that the others know comes near.
    [Fact]
    [Trait("Behaviour", "E12")]
    public void Promotion_LongAfterTheEntryWasRead_TheExtensionBecomesARecordBeforeTheDeadlinePasses()
    {
        CoreNode below = _nodes.AddReplica(_replica, 60_000);
        long deadline = ClockedNodes.DeadlineOn(_replica, Key);
        _nodes.Kill(_master, _nodes.LinkOf(_replica));
        Assert.NotNull(_replica.Get(Key));
        _replica.Core.Touches.Swapping(goesOn: false);
        while (_replica.Core.Data.Store.TryDequeueTouch(out _))
        {
        }

        _replica.Core.Promote(force: false, _replica.Now);
        _nodes.Run(deadline - _replica.Now.UtcMilliseconds + 1_000, () => Assert.True(ClockedNodes.IsAlive(below, Key)));
        Assert.Equal(0, ClockedNodes.DeadlineOn(below, "short"));
    }

    [Fact]
    public void Touch_OfAnEntryThatTheMasterHasRemoved_ChangesNothing()
    {
        var way = new ScriptedReplica(_master);
        way.BeginStreaming();
        long version = VersionOf("short");
        _nodes.Run(Window + 50);
        long offset = _master.Offset;
        way.Give(Touch(1, 1, "short", version, 0));
        _nodes.Run(50);

        Assert.Equal((0, offset), (ClockedNodes.DeadlineOn(_master, "short"), _master.Offset));
    }

    [Fact]
    public void Touch_OfAReadBeforeTheDeadlineThatArrivesAfterIt_KeepsTheEntryThatIsStillThere()
    {
        var way = new ScriptedReplica(_master);
        way.BeginStreaming();
        _master.Advance(Window);
        long now = _master.Now.UtcMilliseconds;
        way.Give(Touch(1, 1, "short", VersionOf("short"), 0));
        Assert.False(ClockedNodes.IsAlive(_master, "short"));
        way.Give(Touch(1, 1, "short", VersionOf("short"), 100));
        _nodes.Run(50);

        Assert.Equal(now - 100 + Window, ClockedNodes.DeadlineOn(_master, "short"));
    }

    [Fact]
    public void Touch_OfAnotherVersionOrUselesslyOldOrStrange_ChangesNothing()
    {
        var way = new ScriptedReplica(_master);
        way.BeginStreaming();
        long offset = _master.Offset;
        way.Give(Touch(1, 1, "short", VersionOf("short") + 1, 0));
        way.Give(Touch(1, 1, "short", VersionOf("short"), long.MaxValue));
        way.Give(Touch(1, 1, "other", VersionOf("other"), 0));
        way.Give(Touch(1, 1, "missing", 1, 0));
        _nodes.Run(50);

        Assert.Equal(offset, _master.Offset);
        Assert.False(way.Session.IsClosed);
    }

    [Fact]
    public void Touch_OfALinkThatItsSenderHasGivenUp_IsDroppedAndCounted()
    {
        var way = new ScriptedReplica(_master);
        way.BeginStreaming();
        _master.Advance(Window / 2);
        way.Give(Touch(1, 2, "missing", 1, 0));
        way.Give(Touch(1, 1, "short", VersionOf("short"), 0));
        _nodes.Run(50);
        Assert.Equal((1, 1), (_master.Counters.TouchesReceived, _master.Counters.TouchesDropped));
        way.Give(Touch(2, 1, "short", VersionOf("short"), 0));
        long now = _master.Now.UtcMilliseconds;
        _nodes.Run(50);

        Assert.Equal(now + Window, ClockedNodes.DeadlineOn(_master, "short"));
    }

    [Fact]
    public void Touch_PassedUpByANodeThatHadToWait_IsOlderByThatAndOtherwiseAsItCame()
    {
        var way = new ScriptedReplica(_replica);
        way.BeginStreaming();
        _nodes.Break(_nodes.LinkOf(_replica));
        way.Give(Touch(7, 3, Key, 5, 40));
        _nodes.Run(1_500);
        var master = new ScriptedMaster(_replica);
        master.ShakeHands();
        ReplicationHistory history = _replica.Core.Data.History;
        master.Give(new ContinueFrame(history.Id, _replica.Offset, history.OriginId, history.Ancestors));

        TouchRequestFrame passed = master.Take().Single(frame => frame.Type == FrameType.TouchRequest).Read<TouchRequestFrame>();
        Assert.Equal((CoreNode.RunIdOf(7), 3), (passed.Originator, passed.Session));
        KeyTouch touch = Assert.Single(passed.Touches);
        Assert.Equal((5, 1_540), (touch.Version, touch.AgeMs));
        Assert.Equal(0, _replica.Core.TouchRequests.Relayed);
    }

    [Fact]
    public void Master_WithoutTheCapability_IsSentNoTouches()
    {
        _nodes.Break(_nodes.LinkOf(_replica));
        Assert.NotNull(_replica.Get(Key));
        var old = new ScriptedMaster(_replica);
        var hello = new HelloFrame(ProtocolVersion.Major, ProtocolVersion.Minor, Capabilities.None, Capabilities.None, new byte[ProtocolLimits.NonceSize]);
        old.Give(new HelloReplyFrame(hello, DemandsPassword: false));
        old.Give(new AuthenticatedFrame(Array.Empty<byte>()));
        old.Give(new IdentifiedFrame("default", CoreNode.RunIdOf(50), [], 65_000, 64 << 20, 1_000));
        ReplicationHistory history = _replica.Core.Data.History;
        old.Give(new ContinueFrame(history.Id, _replica.Offset, history.OriginId, history.Ancestors));
        _nodes.Run(2_000);

        Assert.True(_replica.Core.IsLinkUp);
        Assert.DoesNotContain(old.Take(), frame => frame.Type == FrameType.TouchRequest);
        Assert.Equal(1, _replica.Core.Touches.Pending);
    }

    [Fact]
    public void Link_DownForLong_MemoryIsBoundedAndWhatDoesNotFitIsCounted()
    {
        const int TooMany = 500;
        _nodes.Break(_nodes.LinkOf(_replica));
        for (int i = 0; i < TouchSender.MaxKeys + TooMany; i++)
        {
            Note(i);
        }

        Assert.Equal((TouchSender.MaxKeys, TooMany), (_replica.Core.Touches.Count, _replica.Counters.TouchesDropped));
        _replica.Core.Touches.Swapping(goesOn: false);
        Assert.Equal(0, _replica.Core.Touches.Count);

        void Note(int number) => _replica.Core.Touches.Note(new PendingTouch(BitConverter.GetBytes(number), 1, 0, 60_000, _replica.Now.Milliseconds));
    }

    [Fact]
    public void FromBelow_MoreThanMayWait_TheOldestAreDroppedAndCounted()
    {
        _nodes.Break(_nodes.LinkOf(_replica));
        TouchRequestFrame frame = LargestFrame();
        for (int i = 0; i < (TouchRequests.MaxRelayed / frame.Touches.Count) + 1; i++)
        {
            _replica.Core.TouchRequests.Receive(frame, _replica.Now);
        }

        Assert.Equal((TouchRequests.MaxRelayed, frame.Touches.Count), (_replica.Core.TouchRequests.Relayed, _replica.Counters.TouchesDropped));
    }

    // What was passed up has most likely arrived; what waits has not.
    [Fact]
    public void FromBelow_MoreThanMayBeHere_WhatWasPassedUpIsForgottenFirstAndNotCounted()
    {
        TouchRequestFrame frame = LargestFrame();
        _replica.Core.TouchRequests.Receive(frame, _replica.Now);
        _nodes.Run(1_000);
        Assert.Equal((0, frame.Touches.Count), (_replica.Core.TouchRequests.Relayed, _replica.Core.TouchRequests.PassedUp));
        _nodes.LinkOf(_replica).MayDeliver = () => false;
        for (int i = 0; i < TouchRequests.MaxRelayed / frame.Touches.Count; i++)
        {
            _replica.Core.TouchRequests.Receive(frame, _replica.Now);
        }

        TouchRequests requests = _replica.Core.TouchRequests;
        Assert.Equal((TouchRequests.MaxRelayed, 0, 0), (requests.Relayed, requests.PassedUp, _replica.Counters.TouchesDropped));
    }

    /// <summary>Reads the entry on a node while nothing more arrives over the replica's link, which breaks then, with the touch on the way, and is replaced.</summary>
    /// <returns>When it was read.</returns>
    private long ReadWithTheLinkThatBreaks(CoreNode reader)
    {
        CorePair link = _nodes.LinkOf(_replica);
        _nodes.Run(2 * Window);
        long readAt = _master.Now.UtcMilliseconds;
        Assert.NotNull(reader.Get(Key));
        link.MayDeliver = () => false;
        _nodes.Run(2_000);
        Assert.Equal((1, 1, 0), (reader.Counters.TouchesSent, _replica.Counters.TouchesSent, _master.Counters.TouchesReceived));
        _nodes.Break(link);
        _nodes.Connect(_master, _replica);
        _nodes.Run(2_000);
        return readAt;
    }

    private long VersionOf(string key)
    {
        _master.Core.Data.Store.TryGetMetadata(key, out EntryMetadata metadata);
        return metadata.Version;
    }

    private static TouchRequestFrame LargestFrame() =>
        new(CoreNode.RunIdOf(7), 1, [.. Enumerable.Range(0, ProtocolLimits.Touches).Select(i => new KeyTouch(new byte[] { 1 }, i, 0))]);

    private static TouchRequestFrame Touch(int originator, long session, string key, long version, long age) =>
        new(CoreNode.RunIdOf(originator), session, [new KeyTouch(System.Text.Encoding.UTF8.GetBytes(key), version, age)]);
}
