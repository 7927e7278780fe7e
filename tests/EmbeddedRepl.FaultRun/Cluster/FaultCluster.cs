using System.Globalization;
using EmbeddedRepl.FaultRun.Network;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.FaultRun.Cluster;

/// <summary>The nodes, the proxies between them, and who is to follow whom.</summary>
internal sealed class FaultCluster : IDisposable
{
    private static readonly int[] BacklogSizes = [0, 16 << 10, 256 << 10, 1 << 20, 1 << 20, 16 << 20];

    private readonly Random _random;
    private readonly int _seed;
    private readonly Dictionary<(int From, int To), FaultProxy> _proxies = [];
    private readonly string?[] _ways;
    private readonly int[] _upstream;
    private readonly TempFolder _files = new();

    /// <param name="options">What was asked for.</param>
    /// <param name="network">Where the nodes live.</param>
    /// <param name="logs">Where their clients log.</param>
    public FaultCluster(RunOptions options, INodeNetwork network, string logs)
    {
        _random = new Random(options.Seed + 1);
        _seed = options.Seed;
        Network = network;
        Log = new ControlLog(logs);
        Log.Begun(options.Nodes);
        Directory.CreateDirectory(Path.Combine(logs, "board"));
        _ways = new string?[options.Nodes];
        _upstream = new int[options.Nodes];
        Nodes = new ClusterNode[options.Nodes];
        int backlog = BacklogSizes[_random.Next(BacklogSizes.Length)];
        int minReplicas = _random.Next(4) == 0 ? 1 : 0;

        // Clients of a node, keys, operations per second of a client.
        string clients = string.Create(CultureInfo.InvariantCulture, $"{_random.Next(1, 4)} {_random.Next(20, 200)} {_random.Next(60, 250)}");
        try
        {
            for (int i = 0; i < options.Nodes; i++)
            {
                string folder = _files[$"node{i}"];
                Directory.CreateDirectory(folder);
                Nodes[i] = new ClusterNode(i, network, folder, logs, clients, options.Seed, SettingsOf(backlog, minReplicas));
            }

            ChangeMaster(0);
        }
        catch
        {
            Dispose();
            throw;
        }

        Log.Note(string.Create(CultureInfo.InvariantCulture, $"seed {options.Seed}, {options.Nodes} nodes, backlog {backlog}, at least {minReplicas} replicas to write, clients {clients}, {network.Description}"));
    }

    public INodeNetwork Network { get; }

    public ControlLog Log { get; }

    public ClusterNode[] Nodes { get; }

    /// <summary>Which node is to be the master.</summary>
    public int Master { get; private set; }

    public IReadOnlyCollection<FaultProxy> Proxies => _proxies.Values;

    /// <summary>Whom a node is to follow; -1 for the master.</summary>
    public int UpstreamOf(int node) => _upstream[node];

    /// <summary>The address by which a node is to follow, directly or through a proxy; null for the master.</summary>
    public string? WayOf(int node) => _ways[node];

    public FaultProxy? ProxyOf(int node) =>
        _upstream[node] >= 0 && _proxies.TryGetValue((node, _upstream[node]), out FaultProxy? proxy) && proxy.EndPoint.ToString() == _ways[node] ? proxy : null;

    /// <summary>A node is to follow another one, by a way that is drawn; the operator has to tell it.</summary>
    public void Upstream(int node, int upstream)
    {
        _upstream[node] = upstream;
        _ways[node] = upstream < 0 ? null : _random.Next(3) == 0 ? Network.EndPointOf(upstream) : ProxyBetween(node, upstream).EndPoint.ToString();
        Log.Follows(node, upstream);
    }

    /// <summary>Another node is to be the master, and all others are to follow it.</summary>
    public void ChangeMaster(int node)
    {
        Master = node;
        Upstream(node, -1);
        for (int i = 0; i < Nodes.Length; i++)
        {
            if (i != node)
            {
                Upstream(i, node);
            }
        }
    }

    /// <summary>Whether <paramref name="node"/> gets its data, over however many others, from <paramref name="other"/>.</summary>
    public bool IsBelow(int node, int other)
    {
        for (int at = _upstream[node], steps = 0; at >= 0 && steps < Nodes.Length; at = _upstream[at], steps++)
        {
            if (at == other)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Starts nodes, as what they are to be.</summary>
    public void Start(params int[] nodes)
    {
        foreach (int node in nodes)
        {
            Nodes[node].Start(_ways[node]);
            Log.Started(node, Nodes[node].Life, _ways[node] is null);
        }

        foreach (int node in nodes)
        {
            Nodes[node].WaitUntilStarted();
        }
    }

    public void Dispose()
    {
        foreach (ClusterNode node in Nodes)
        {
            node?.Dispose();
        }

        foreach (FaultProxy proxy in _proxies.Values)
        {
            proxy.Dispose();
        }

        Log.Dispose();
        _files.Dispose();
    }

    // Short times, so that much happens in three minutes: a silent link is given up after a second and a half.
    private static string[] SettingsOf(int backlog, int minReplicas) =>
    [
        "Password=fault run", "ReplicaWrites=Forward", "ForwardTimeout=00:00:02", "RecoveryWriteTimeout=00:00:01", "RecoveryWindow=00:00:03", "RecoveryLimit=00:00:10",
        "HeartbeatInterval=00:00:00.2", "AckInterval=00:00:00.1", "LinkTimeout=00:00:01.5", "ReconnectDelay=00:00:00.2", "ConnectTimeout=00:00:01", "HandshakeTimeout=00:00:02",
        "SnapshotInterval=00:00:02", "IgnoreDamagedSnapshot=true", "ShutdownTimeout=00:00:03", string.Create(CultureInfo.InvariantCulture, $"BacklogSize={backlog}"),
        string.Create(CultureInfo.InvariantCulture, $"MinReplicasToWrite={minReplicas}"), "MinReplicasMaxLag=00:00:01",
    ];

    private FaultProxy ProxyBetween(int from, int to)
    {
        if (!_proxies.TryGetValue((from, to), out FaultProxy? proxy))
        {
            _proxies[(from, to)] = proxy = new FaultProxy(HostEndPoint.Parse(Network.EndPointOf(to)), _seed + (from * 10) + to, Network.ProxyHost);
        }

        return proxy;
    }
}
