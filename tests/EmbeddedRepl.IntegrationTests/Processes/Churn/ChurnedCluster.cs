using System.Diagnostics;
using EmbeddedRepl.NodeProcess;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Processes.Churn;

/// <summary>
/// Nodes in processes of their own, each connected to each other one by a proxy that can cut the link between the two, and the one who gives all orders: sends
/// nodes below others, promotes them, and knows therefore which history continues which. What happens is drawn from the seed, when it happens is not.
/// </summary>
internal sealed class ChurnedCluster : IDisposable
{
    /// <summary>More than all of the stream, so that no backlog ever forgets anything.</summary>
    public const long BacklogSize = 256 << 20;

    private readonly Random _random;
    private readonly ProcessNode[] _nodes;
    private readonly FaultProxy[,] _proxies;
    private readonly Dictionary<string, int> _nodeOfProxy = [];
    private int _master;

    public ChurnedCluster(int count, int seed)
    {
        _random = new Random(seed);
        _nodes = new ProcessNode[count];
        _proxies = new FaultProxy[count, count];
        string[] endPoints = [.. Enumerable.Range(0, count).Select(_ => $"127.0.0.1:{FreePort.Next()}")];
        for (int from = 0; from < count; from++)
        {
            for (int to = 0; to < count; to++)
            {
                var proxy = new FaultProxy(HostEndPoint.Parse(endPoints[to]), seed + (from * count) + to);

                // Some links are slow enough for a full sync to be cut in the middle.
                proxy.ToClient.BytesPerSecond = _random.Next(3) == 0 ? _random.Next(1_500_000, 4_000_000) : 0;
                _proxies[from, to] = proxy;
                _nodeOfProxy[proxy.EndPoint.ToString()] = to;
            }
        }

        try
        {
            for (int i = 0; i < count; i++)
            {
                string role = i == 0 ? "Role=Master" : $"Master={ProxyTo(i, _random.Next(i))}";
                _nodes[i] = ProcessNode.Begin(role, $"Listen:0={endPoints[i]}", $"BacklogSize={BacklogSize}", $"ReplicaOutputLimit={BacklogSize}");
            }

            foreach (ProcessNode node in _nodes)
            {
                node.WaitUntilStarted();
            }

            Histories.Begin(_nodes[0].Info.Id);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public IReadOnlyList<ProcessNode> Nodes => _nodes;

    public HistoryTree Histories { get; } = new();

    /// <summary>Links that were up when they were cut.</summary>
    public int Cuts { get; private set; }

    public int Promotions { get; private set; }

    /// <summary>Lets things happen under load, for so long.</summary>
    public void Play(TimeSpan duration)
    {
        _nodes[_master].Tell("set filler 2000 500");
        Write();
        var clock = Stopwatch.StartNew();
        (int Interval, Action Act)[] acts = [(1_000, Cut), (1_500, Repoint), (5_000, Promote)];
        long[] due = [.. acts.Select(act => Due(act.Interval))];
        while (clock.Elapsed < duration)
        {
            int next = Array.IndexOf(due, due.Min());
            Thread.Sleep((int)Math.Max(0, due[next] - clock.ElapsedMilliseconds));
            acts[next].Act();
            due[next] = clock.ElapsedMilliseconds + Due(acts[next].Interval);
        }

        long Due(int interval) => _random.Next(interval / 2, interval * 3 / 2);
    }

    /// <summary>The faults are over, and everybody is sent to a place below the last master: all get the same data.</summary>
    public void Settle()
    {
        foreach (FaultProxy proxy in _proxies)
        {
            proxy.ToClient.BytesPerSecond = 0;
        }

        _nodes[_master].Tell("pause");
        List<int> placed = [_master];
        int[] others = [.. Enumerable.Range(0, _nodes.Length).Where(node => node != _master)];
        _random.Shuffle(others);
        foreach (int node in others)
        {
            Follow(node, placed[_random.Next(placed.Count)]);
            placed.Add(node);
        }

        _nodes[_master].Tell("set last 10 100");
        foreach (int node in others)
        {
            NodeStatus end = _nodes[_master].Info;
            _nodes[node].WaitFor(status => (status.Id, status.Offset) == (end.Id, end.Offset), $"node {node} is where {end} is");
        }
    }

    /// <summary>The node that a node's master is, as the node calls it.</summary>
    public int NodeBehind(string proxy) => _nodeOfProxy[proxy];

    public void Dispose()
    {
        foreach (ProcessNode? node in _nodes)
        {
            node?.Dispose();
        }

        foreach (FaultProxy proxy in _proxies)
        {
            proxy.Dispose();
        }
    }

    private string ProxyTo(int from, int to) => _proxies[from, to].EndPoint.ToString();

    private void Write() => _nodes[_master].Tell("write key 300 500 1");

    private void Follow(int node, int master) => _nodes[node].Tell($"follow {ProxyTo(node, master)}");

    private void Cut()
    {
        FaultProxy[] links = [.. _proxies.Cast<FaultProxy>().Where(proxy => proxy.OpenConnections > 0)];
        if (links.Length > 0)
        {
            links[_random.Next(links.Length)].ResetAll();
            Cuts++;
        }
    }

    private void Repoint()
    {
        int node = _random.Next(_nodes.Length);
        int other = _random.Next(_nodes.Length);
        if (node != _master && node != other)
        {
            Follow(node, other);
        }
    }

    /// <summary>Another node becomes the master, and the old one goes below it, with or without having written anything that the new one does not have.</summary>
    private void Promote()
    {
        int old = _master;
        int node = _random.Next(_nodes.Length);
        bool writesOn = _random.Next(2) == 0;
        if (node == old)
        {
            return;
        }

        if (!writesOn)
        {
            _nodes[old].Tell("pause");
        }

        if (_nodes[node].TryTell("promote"))
        {
            NodeStatus status = _nodes[node].Info;
            Histories.Continue(status.Id, status.PreviousId, status.PreviousIdEnd);
            Promotions++;
            _master = node;
            if (writesOn)
            {
                _nodes[old].Tell("pause");
            }

            Follow(old, node);
            Write();
        }
        else if (!writesOn)
        {
            // It has nothing yet that it could serve.
            Write();
        }
    }
}
