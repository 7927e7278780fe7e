using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication;

public sealed class MinReplicasTests
{
    private static readonly NodeSettings Settings = new() { MinReplicasToWrite = 2, MinReplicasMaxLag = 5_000 };

    private readonly CoreNode _master = CoreNode.Master(new ManualTimeProvider(), Settings);

    [Fact]
    [Trait("Behaviour", "I3")]
    public void Writes_TooFewReplicas_AreAllRefusedWithTheNumbersAndReadsGoOn()
    {
        ScriptedReplica first = Attach();
        ScriptedReplica second = Attach();
        _master.Set("key", "value");
        long offset = _master.Offset;
        first.Session.Close(CloseReason.ConnectionLost, "gone", _master.Now);

        NotEnoughReplicasException exception = Assert.Throws<NotEnoughReplicasException>(() => _master.Set("key", "other"));
        Assert.Throws<NotEnoughReplicasException>(() => _master.Remove("key"));
        Assert.Throws<NotEnoughReplicasException>(_master.Core.Clear);

        Assert.Equal((2, 1), (exception.Required, exception.Available));
        Assert.Contains("demands 2 replicas that acknowledged within the last 00:00:05 (MinReplicasMaxLag), and 1 did", exception.Message, StringComparison.Ordinal);
        Assert.Equal((offset, 3), (_master.Offset, _master.Counters.WritesRefused));
        Assert.Equal("value", _master.GetText("key"));
        Assert.False(second.Session.IsClosed);
    }

    [Fact]
    [Trait("Behaviour", "I3")]
    public void Writes_ReplicaLagsTooLong_AreRefusedUntilItAcknowledges()
    {
        ScriptedReplica first = Attach();
        ScriptedReplica second = Attach();
        _master.Advance(5_000);
        Acknowledge(first);
        _master.Set("key", "value");

        _master.Advance(1);
        Assert.Throws<NotEnoughReplicasException>(() => _master.Set("key", "refused"));
        Acknowledge(second);
        _master.Set("key", "accepted");

        Assert.Equal("accepted", _master.GetText("key"));
        Assert.Equal(
            ["WritesAllowedChanged True 2 2", "WritesAllowedChanged False 1 2", "WritesAllowedChanged True 2 2"],
            _master.Events.Lines.Where(line => line.StartsWith("WritesAllowedChanged", StringComparison.Ordinal)));
    }

    [Fact]
    [Trait("Behaviour", "I3")]
    public void Writes_MasterWithoutReplicas_AreRefusedFromTheBeginning() =>
        Assert.Throws<NotEnoughReplicasException>(() => _master.Set("key", "value"));

    [Fact]
    public void Writes_ReplicaIsInItsFullSync_DoesNotCount()
    {
        Attach();
        ScriptedReplica leaving = Attach();
        _master.Set("key", "value");
        leaving.Session.Close(CloseReason.ConnectionLost, "gone", _master.Now);
        var loading = new ScriptedReplica(_master);
        loading.AskForFullSync();
        loading.Take();
        loading.Give(new AckFrame(0, 1, 0, 0));
        _master.Advance(1);

        Assert.Equal(1, Assert.Throws<NotEnoughReplicasException>(() => _master.Set("key", "value")).Available);
    }

    [Fact]
    [Trait("Behaviour", "I3")]
    public void Writes_FreshMasterAndFreshReplica_AreAcceptedAfterTheSyncOfNothing()
    {
        NodeSettings settings = Settings with { MinReplicasToWrite = 1 };
        CoreNode master = CoreNode.Master(new ManualTimeProvider(), settings);
        var pair = new CorePair(master, CoreNode.Replica(master.Time, settings));
        pair.Pump();
        master.Advance(2);
        pair.Pump();

        master.Set("key", "value");
        Assert.Equal((1, 0), (master.Counters.SyncFull, master.Counters.WritesRefused));
    }

    [Fact]
    public void Promote_SubReplicasFollowClosely_WritesAreAcceptedAtOnce()
    {
        NodeSettings settings = Settings with { MinReplicasToWrite = 1 };
        CoreNode root = CoreNode.Master(_master.Time, new NodeSettings());
        CoreNode middle = CoreNode.Replica(_master.Time, settings);
        new CorePair(root, middle).Pump();
        var sub = new ScriptedReplica(middle);
        sub.BeginStreaming();
        Acknowledge(sub);

        middle.Core.Promote(force: false, middle.Now);
        middle.Set("key", "value");

        sub.Session.Close(CloseReason.ConnectionLost, "gone", middle.Now);
        Assert.Throws<NotEnoughReplicasException>(() => middle.Set("key", "refused"));
    }

    [Fact]
    public void Expiry_TooFewReplicas_StillRemovesWhatIsDue()
    {
        CoreNode master = CoreNode.Master(new ManualTimeProvider(), Settings with { MinReplicasToWrite = 1 });
        var replica = new ScriptedReplica(master);
        replica.BeginStreaming();
        Acknowledge(replica);
        master.Set("key", [1], new(master.Now.UtcMilliseconds + 10, 0, 0));
        replica.Session.Close(CloseReason.ConnectionLost, "gone", master.Now);
        master.Advance(10_000);
        new Housekeeping(master.Core).Run(master.Now);

        Assert.Equal(0, master.Core.Data.Store.Count);
    }

    private static void Acknowledge(ScriptedReplica replica)
    {
        replica.Take();
        replica.Give(new AckFrame(replica.Node.Offset, 1, 0, 0));
    }

    private ScriptedReplica Attach()
    {
        var replica = new ScriptedReplica(_master);
        replica.BeginStreaming();
        Acknowledge(replica);
        return replica;
    }
}
