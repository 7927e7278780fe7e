using System.Buffers;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Master;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication;

/// <summary>Which senders are woken for several replicas, and for whom they send.</summary>
public sealed class CompanionTests
{
    private readonly CoreNode _master = CoreNode.Master(new ManualTimeProvider());

    [Fact]
    public void Write_SeveralReplicasWait_OneSenderIsWokenAndSendsForTheOthers()
    {
        ScriptedReplica[] replicas = Streaming(3);
        int[] before = Signals(replicas);

        _master.Set("key", "value");

        Assert.Equal([1, 0, 0], Signals(replicas).Zip(before, (now, then) => now - then));
        Assert.True(replicas[0].Session.HasCompanions);
        Assert.Equal([replicas[1].Session, replicas[2].Session], Taken(replicas[0]));
        Assert.False(replicas[0].Session.HasCompanions);
    }

    [Fact]
    public void Write_MoreReplicasThanASenderSendsFor_TheNextOneIsWokenAndSendsForTheRest()
    {
        ScriptedReplica[] replicas = Streaming(MasterSession.MaxCompanions + 3);
        int[] before = Signals(replicas);

        _master.Set("key", "value");

        int second = MasterSession.MaxCompanions + 1;
        Assert.Equal([0, second], Signals(replicas).Zip(before, (now, then) => now - then).Index().Where(woken => woken.Item > 0).Select(woken => woken.Index));
        Assert.Equal(MasterSession.MaxCompanions, Taken(replicas[0]).Count);
        Assert.Equal([replicas[second + 1].Session], Taken(replicas[second]));
    }

    [Fact]
    public void Write_ReplicaWithoutASender_IsWokenItself()
    {
        ScriptedReplica[] replicas = Streaming(3);
        replicas[1].Session.CallersSender = null;
        int[] before = Signals(replicas);

        _master.Set("key", "value");

        Assert.All(replicas.Select((replica, i) => replica.Signal.Count - before[i]), woken => Assert.Equal(1, woken));
        Assert.All(replicas, replica => Assert.False(replica.Session.HasCompanions));
    }

    // It may have to wait for its own replica, and those it sends for must not.
    [Fact]
    public void Sender_SendsItselfBeforeItTookTheOthers_TheyAreWoken()
    {
        ScriptedReplica[] replicas = Streaming(3);
        _master.Set("key", "value");
        int[] before = Signals(replicas);

        SendWork work = replicas[0].Session.NextWork(new ArrayBufferWriter<byte>(), _master.Now);

        Assert.Equal(SendKind.Stream, work.Kind);
        Assert.Equal([0, 1, 1], Signals(replicas).Zip(before, (now, then) => now - then));
        Assert.Empty(Taken(replicas[0]));
    }

    // It was idle when it was woken for a heartbeat, and is still taken for it; its replica may be frozen.
    [Fact]
    public void Write_WhileASenderIsInTheMiddleOfSomethingElse_WakesTheOthersAllTheSame()
    {
        ScriptedReplica[] replicas = Streaming(3);
        replicas[0].Session.AnnounceUpstream([CoreNode.RunIdOf(7)]);
        SendWork work = replicas[0].Session.NextWork(new ArrayBufferWriter<byte>(), _master.Now);
        Assert.Equal((SendKind.Flush, true), (work.Kind, replicas[0].Session.IsIdle));
        int[] before = Signals(replicas);

        _master.Set("key", "value");

        Assert.Equal([1, 1, 0], Signals(replicas).Zip(before, (now, then) => now - then));
        Assert.Equal([replicas[2].Session], Taken(replicas[1]));
        Assert.False(replicas[0].Session.HasCompanions);
    }

    [Fact]
    public void Session_OverBeforeItsSenderTookTheOthers_TheyAreWoken()
    {
        ScriptedReplica[] replicas = Streaming(3);
        _master.Set("key", "value");
        int[] before = Signals(replicas);

        replicas[0].Session.Close(CloseReason.ConnectionLost, "Gone.", _master.Now);

        Assert.Equal([1, 1], Signals(replicas).Zip(before, (now, then) => now - then).Skip(1));
    }

    // A session may last for months, and those that were sent for with it be over after minutes.
    [Fact]
    public void Companions_Taken_AreForgottenByTheSession()
    {
        ScriptedReplica[] replicas = Streaming(3);
        _master.Set("key", "value");
        List<MasterSession> taken = Taken(replicas[0]);
        int[] before = Signals(replicas);

        replicas[0].Session.Close(CloseReason.ConnectionLost, "Gone.", _master.Now);

        Assert.Equal([replicas[1].Session, replicas[2].Session], taken);
        Assert.Equal([0, 0], Signals(replicas).Zip(before, (now, then) => now - then).Skip(1));
        Assert.Empty(Taken(replicas[0]));
    }

    private static List<MasterSession> Taken(ScriptedReplica replica)
    {
        List<MasterSession> taken = [];
        replica.Session.TakeCompanions(taken);
        return taken;
    }

    private static int[] Signals(ScriptedReplica[] replicas) => [.. replicas.Select(replica => replica.Signal.Count)];

    private ScriptedReplica[] Streaming(int count)
    {
        ScriptedReplica[] replicas = [.. Enumerable.Range(0, count).Select(_ => new ScriptedReplica(_master))];
        foreach (ScriptedReplica replica in replicas)
        {
            replica.BeginStreaming();
            replica.Session.CallersSender = new StubSender(isQuiet: false);
        }

        return replicas;
    }
}
