using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication;

public sealed class RoleTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly CoreNode _master;
    private readonly CoreNode _replica;
    private readonly CorePair _pair;

    public RoleTests()
    {
        _master = CoreNode.Master(_time);
        _master.Set("key", "value");
        _replica = CoreNode.Replica(_time);
        _pair = new CorePair(_master, _replica);
        _pair.Pump();
    }

    [Fact]
    [Trait("Behaviour", "A1")]
    public void Follow_AMaster_ChangesTheRoleAtOnceAndTheLinkIsDown()
    {
        _master.Follow();

        Assert.Equal(ReplicationRole.Replica, _master.Core.Role);
        Assert.False(_master.Core.IsLinkUp);
        Assert.Equal(ReplicationLinkState.Disconnected, _master.Core.Upstream!.State);
        Assert.Equal("value", _master.GetText("key"));
        Assert.Throws<ReadOnlyReplicaException>(() => _master.Set("key", "refused"));
    }

    [Fact]
    [Trait("Behaviour", "C1")]
    public void Write_OnAReplica_IsRefusedCountedAndChangesNothing()
    {
        long offset = _replica.Offset;
        Assert.Throws<ReadOnlyReplicaException>(() => _replica.Set("key", "mine"));
        Assert.Throws<ReadOnlyReplicaException>(() => _replica.Remove("key"));
        Assert.Throws<ReadOnlyReplicaException>(() => _replica.Core.Clear());

        Assert.Equal((offset, 3), (_replica.Offset, _replica.Counters.WritesRefused));
        Assert.Equal("value", _replica.GetText("key"));
    }

    [Fact]
    [Trait("Behaviour", "D1")]
    public void Promote_Replica_TakesANewIdThatContinuesTheOldOneAndAcceptsWrites()
    {
        ReplicationHistory before = _replica.Core.Data.History;
        long offset = _replica.Offset;
        _replica.Core.Promote(force: false, _replica.Now);
        _replica.Set("more", "value");

        ReplicationHistory after = _replica.Core.Data.History;
        Assert.NotEqual(before.Id, after.Id);
        Assert.Equal(new Ancestor(before.Id, offset, AncestorEnd.Promotion), Assert.Single(after.Ancestors));
        Assert.Equal(before.OriginId, after.OriginId);
        Assert.Equal(CloseReason.RoleChanged, _pair.Link.ClosedFor);
        Assert.Null(_replica.Core.Upstream);
    }

    [Fact]
    [Trait("Behaviour", "D1")]
    [Trait("Behaviour", "D2")]
    public void Promote_SiblingAndOldMasterRepoint_BothContinuePartially()
    {
        CoreNode sibling = CoreNode.Replica(_time, seed: 3);
        new CorePair(_master, sibling).Pump();
        _pair.Break();
        _replica.Core.Promote(force: false, _replica.Now);
        _replica.Set("more", "value");
        sibling.Follow();
        _master.Follow();
        new CorePair(_replica, sibling).Pump();
        new CorePair(_replica, _master).Pump();

        Assert.Equal((0, 2), (_replica.Counters.SyncFull, _replica.Counters.SyncPartialOk));
        Assert.Equal("value", sibling.GetText("more"));
        Assert.Equal(_replica.Digest, _master.Digest);
        Assert.Equal(_replica.Core.Data.History.Id, _master.Core.Data.History.Id);
        Assert.Equal(_replica.Core.Data.History.Ancestors.AsEnumerable(), _master.Core.Data.History.Ancestors);
    }

    [Fact]
    [Trait("Behaviour", "D3")]
    public void Promote_OldMasterWroteOn_TakesAFullSyncAndReportsWhatIsGone()
    {
        _pair.Break();
        _replica.Core.Promote(force: false, _replica.Now);
        long promoted = _master.Offset;
        _master.Set("extra", "lost");
        long discarded = _master.Offset - promoted;
        _master.Follow();
        new CorePair(_replica, _master).Pump();

        Assert.Null(_master.Get("extra"));
        Assert.Equal(_replica.Digest, _master.Digest);
        Assert.Equal((1, 1), (_replica.Counters.SyncFull, _replica.Counters.SyncPartialErr));
        Assert.Contains(_master.Events.Lines, line => line == $"FullSyncConfirmed master:6390 EndedByPromotion {discarded}");
    }

    [Fact]
    [Trait("Behaviour", "D4")]
    public void Promote_DuringAFullSync_KeepsTheOwnOldData()
    {
        CoreNode node = CoreNode.Master(_time, seed: 4);
        node.Set("own", "value");
        node.Follow(isOrdered: true);
        var master = new ScriptedMaster(node);
        master.ShakeHands();
        master.Give(new FullSyncOfferFrame(Histories.Id(5), Histories.Id(5), 40, [], Override: false));
        master.Give(new FullSyncStartFrame(Histories.Id(5), Histories.Id(5), [], 40, 123, 1, 1));
        node.Core.Promote(force: false, node.Now);

        Assert.Equal("value", node.GetText("own"));
        Assert.True(master.Link.IsClosed);
        node.Set("own", "writable");
    }

    [Theory]
    [Trait("Behaviour", "D4")]
    [InlineData(false)]
    [InlineData(true)]
    public void Promote_NodeThatNeverHadData_NeedsForce(bool force)
    {
        CoreNode node = CoreNode.Replica(_time, seed: 4);
        if (!force)
        {
            Assert.Throws<ReplicatedCacheException>(() => node.Core.Promote(force, node.Now));
            Assert.Equal(ReplicationRole.Replica, node.Core.Role);
            return;
        }

        node.Core.Promote(force, node.Now);
        Assert.True(node.Core.IsReady);
        node.Set("key", "value");
    }

    [Fact]
    [Trait("Behaviour", "D11")]
    public void Events_OfALink_ComeOnceAndInOrder()
    {
        _pair.Break();
        new CorePair(_master, _replica).Pump();

        Assert.Equal(
            ["RoleChanged", "LinkConnecting", "LinkUp", "LinkDown", "LinkConnecting", "LinkUp"],
            _replica.Events.Lines.Select(line => line.Split(' ')[0])
                .Where(name => name.StartsWith("Link", StringComparison.Ordinal) || name == "RoleChanged"));
    }

    [Fact]
    [Trait("Behaviour", "D6")]
    public void MasterGone_Replica_ServesAndTellsSinceWhen()
    {
        _replica.Advance(7_000);
        _pair.Break();
        _replica.Advance(60_000);

        Assert.Equal("value", _replica.GetText("key"));
        Assert.Equal(ReplicationRole.Replica, _replica.Core.Role);
        Assert.Equal(60_000, _replica.Now.UtcMilliseconds - _replica.Core.Upstream!.DownSinceUtc);
    }
}
