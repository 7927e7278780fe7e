using System.Diagnostics;
using EmbeddedRepl.NodeProcess;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Processes.Kills;

/// <summary>
/// A master and two replicas with files. In each round two of them are killed, begin again, are killed once more, and begin again; the third one
/// serves reads all the time. Then all must be equal.
/// </summary>
internal sealed class KilledCluster : IDisposable
{
    private const int Keys = 400;

    private readonly Random _random;
    private readonly TempFolder _folder = new();
    private readonly KilledNode _master;
    private readonly KilledNode[] _nodes;
    private readonly FaultProxy[] _proxies;

    public KilledCluster(int seed)
    {
        _random = new Random(seed);
        string endPoint = $"127.0.0.1:{FreePort.Next()}";
        _proxies = [new FaultProxy(HostEndPoint.Parse(endPoint), seed), new FaultProxy(HostEndPoint.Parse(endPoint), seed + 1)];

        // Both replicas are always expected back, so the time is used up only by a node that does not come.
        _master = new KilledNode(
            _folder["master"], "Role=Master", $"Listen:0={endPoint}", "ExpectedReplicas=2", "RecoveryWindow=00:00:30", "RecoveryLimit=00:01:30");
        _nodes = [_master, .. _proxies.Select((proxy, i) => new KilledNode(_folder[$"replica{i}"], $"Master={proxy.EndPoint}"))];
        try
        {
            Start(_nodes);
            WaitUntilMasterAcceptsWrites();
            _master.Process.Tell($"set base {Keys} 1000");
            Converge();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int Kills { get; private set; }

    /// <summary>How many of them left a file that was only begun.</summary>
    public int KillsWhileSaving { get; private set; }

    /// <summary>How many hit the end that sends or the one that receives a full sync.</summary>
    public int KillsWhileSyncing { get; private set; }

    /// <summary>How many hit a process that was not yet ready.</summary>
    public int KillsWhileStarting { get; private set; }

    public int KillsOfTheMaster { get; private set; }

    /// <summary>Four kills and what must be true after them.</summary>
    public void PlayRound()
    {
        Write();
        KilledNode[] order = [.. _nodes];
        _random.Shuffle(order);
        KilledNode[] victims = order[..2];
        KilledNode survivor = order[2];
        foreach (KilledNode victim in victims.Where(_ => _random.Next(2) == 0))
        {
            victim.Process.Tell("saves");
        }

        KillAll(victims, survivor);
        long offset = survivor.Info.Offset;
        KilledNode? emptied = _random.Next(3) == 0 ? victims.First(node => node != _master) : null;
        if (emptied is null)
        {
            foreach (KilledNode victim in victims)
            {
                victim.Begin();
            }

            LetPass(survivor, milliseconds: _random.Next(600));
            KillAll(victims, survivor);
        }
        else
        {
            ProxyOf(emptied).ToClient.BytesPerSecond = 200_000;
            emptied.Forget();
            Start(victims);
            WaitUntilMasterAcceptsWrites();
            if (survivor != _master)
            {
                Write();
            }

            emptied.Process.WaitFor(
                status => status.SyncReceivedBytes > 0 || status.LinkState == nameof(ReplicationLinkState.Streaming), "it receives a full sync, or has");
            _random.Shuffle(victims);
            KillsWhileSyncing += emptied.Info.LinkState == nameof(ReplicationLinkState.ReceivingSnapshot) && (victims[0] == emptied || victims.Contains(_master)) ? 1 : 0;
            KillAll(victims, survivor);
            ProxyOf(emptied).ToClient.BytesPerSecond = 0;
        }

        Start(victims);
        survivor.AssertServed();
        Converge();
        Assert.True(_master.Info.Offset >= offset, "Something is gone that the survivor had.");
        survivor.AssertServed();
    }

    public void Dispose()
    {
        foreach (KilledNode node in _nodes)
        {
            node.Dispose();
        }

        foreach (FaultProxy proxy in _proxies)
        {
            proxy.Dispose();
        }

        _folder.Dispose();
    }

    private static void Start(KilledNode[] nodes)
    {
        foreach (KilledNode node in nodes)
        {
            node.Begin();
        }

        foreach (KilledNode node in nodes)
        {
            // A file that cannot be loaded ends the process here.
            node.Process.WaitUntilStarted();
        }
    }

    /// <summary>The moment of a kill has to differ from round to round; which one it is does not matter.</summary>
    private static void LetPass(KilledNode survivor, int milliseconds)
    {
        var clock = Stopwatch.StartNew();
        while (clock.ElapsedMilliseconds < milliseconds)
        {
            survivor.AssertServed();
        }
    }

    private FaultProxy ProxyOf(KilledNode replica) => _proxies[Array.IndexOf(_nodes, replica) - 1];

    private void KillAll(KilledNode[] victims, KilledNode survivor)
    {
        foreach (KilledNode victim in victims)
        {
            LetPass(survivor, milliseconds: _random.Next(20));
            KillsWhileStarting += victim.Process.HasStarted ? 0 : 1;
            KillsWhileSaving += victim.Kill() ? 1 : 0;
            KillsOfTheMaster += victim == _master ? 1 : 0;
            Kills++;
            survivor.AssertServed();
        }
    }

    private void Write() => _master.Process.Tell("write key 200 500");

    private void WaitUntilMasterAcceptsWrites() =>
        _master.Process.WaitFor(status => status.RecoveryState == nameof(RecoveryState.None), "the master accepts writes");

    private void Converge()
    {
        WaitUntilMasterAcceptsWrites();
        _master.Process.Tell("pause");
        NodeStatus end = _master.Info;
        foreach (KilledNode node in _nodes)
        {
            node.Process.WaitFor(status => (status.Id, status.Offset) == (end.Id, end.Offset), $"it has what its master has, {end}");
            NodeStatus status = node.Info;
            Assert.Equal((end.Digest, end.EntryCount, 0L), (status.Digest, status.EntryCount, status.DigestMismatches));
            node.BeginToRead("base", Keys);
        }
    }
}
