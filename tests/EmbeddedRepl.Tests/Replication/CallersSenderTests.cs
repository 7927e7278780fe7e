using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication;

/// <summary>Which writes their callers send themselves.</summary>
public sealed class CallersSenderTests
{
    private readonly CoreNode _master = CoreNode.Master(new ManualTimeProvider());
    private readonly ScriptedReplica _first;
    private readonly ScriptedReplica _second;

    public CallersSenderTests()
    {
        _first = new ScriptedReplica(_master);
        _second = new ScriptedReplica(_master);
        _first.BeginStreaming();
        _second.BeginStreaming();
    }

    [Fact]
    public void Write_CallerOffersToSend_GetsOneQuietReplicaAndTheOthersAreWoken()
    {
        var sender = new StubSender(isQuiet: true);
        _first.Session.CallersSender = sender;
        _second.Session.CallersSender = new StubSender(isQuiet: true);
        (int first, int second) = (_first.Signal.Count, _second.Signal.Count);

        _master.Core.OfferToSend();
        _master.Set("key", "value");

        Assert.Same(sender, _master.Core.TakeSender());
        Assert.Equal((first, second + 1), (_first.Signal.Count, _second.Signal.Count));
    }

    [Fact]
    public void Write_AfterTheOfferWasTaken_WakesEverySender()
    {
        _first.Session.CallersSender = new StubSender(isQuiet: true);
        (int first, int second) = (_first.Signal.Count, _second.Signal.Count);
        _master.Core.OfferToSend();
        Assert.Null(_master.Core.TakeSender());

        _master.Set("key", "value");

        Assert.Null(_master.Core.TakeSender());
        Assert.Equal((first + 1, second + 1), (_first.Signal.Count, _second.Signal.Count));
    }

    [Fact]
    public void Write_SomethingWasSentJustNow_WakesTheSender()
    {
        _first.Session.CallersSender = new StubSender(isQuiet: false);
        int first = _first.Signal.Count;

        _master.Core.OfferToSend();
        _master.Set("key", "value");

        Assert.Null(_master.Core.TakeSender());
        Assert.Equal(first + 1, _first.Signal.Count);
    }

    [Fact]
    public void WaitingBytes_StreamingReplica_AreThoseOfTheStream()
    {
        long before = _master.Offset;
        _master.Set("key", "value");

        Assert.Equal(_master.Offset - before, _first.Session.WaitingBytes);
    }

    [Fact]
    public void WaitingBytes_ControlFramesWait_AreCountedToo()
    {
        long before = _master.Offset;
        _first.Session.AnnounceUpstream([CoreNode.RunIdOf(7)]);
        _master.Set("key", "value");

        Assert.InRange(_first.Session.WaitingBytes - (_master.Offset - before), 1, 100);
    }

    [Fact]
    public void WaitingBytes_FullSyncUnderWay_AreMoreThanAnyCallerSends()
    {
        _master.Set("key", "value");
        var loading = new ScriptedReplica(_master);
        loading.AskForFullSync();

        Assert.Equal(long.MaxValue, loading.Session.WaitingBytes);
    }
}
