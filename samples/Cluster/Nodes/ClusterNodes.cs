using System.Globalization;
using System.Security.Cryptography;

namespace EmbeddedRepl.Samples.Cluster.Nodes;

/// <summary>The master and its three replicas, as they are configured for the demo.</summary>
internal sealed class ClusterNodes : IDisposable
{
    /// <summary>How long a link may be silent; short, so that the demo does not have to wait for a minute.</summary>
    public static readonly TimeSpan LinkTimeout = TimeSpan.FromSeconds(2);

    private const int ReplicaCount = 3;

    private readonly OrphanGuard _guard = OrphanGuard.Start();

    /// <summary>Describes the nodes on free ports; starts none.</summary>
    /// <param name="logFolder">Receives one log file per node.</param>
    public ClusterNodes(string logFolder)
    {
        int firstPort = FreePorts.FindRun(ReplicaCount + 3);
        ReplicationEndPoint = $"127.0.0.1:{firstPort + ReplicaCount + 1}";
        SubReplicationEndPoint = $"127.0.0.1:{firstPort + ReplicaCount + 2}";
        string password = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        Dictionary<string, string> shared = new()
        {
            ["CacheName"] = "demo",

            // As replicas are unless they are told to forward: the demo shows who refuses what.
            ["ReplicaWrites"] = "Reject",
            ["LinkTimeout"] = Text(LinkTimeout),
            ["HeartbeatInterval"] = Text(TimeSpan.FromMilliseconds(500)),
            ["AckInterval"] = Text(TimeSpan.FromMilliseconds(100)),
            ["ConnectTimeout"] = Text(LinkTimeout),
            ["HandshakeTimeout"] = Text(LinkTimeout),
            ["ReconnectDelay"] = Text(TimeSpan.FromMilliseconds(250)),
            ["RecoveryWindow"] = Text(TimeSpan.FromMilliseconds(500)),
        };

        Node Describe(string name, int number, IEnumerable<KeyValuePair<string, string>> own) => new(
            name,
            new Uri($"http://127.0.0.1:{firstPort + number}/"),
            isMaster: number == 0,
            shared.Concat(own),
            password,
            Path.Combine(logFolder, $"{name}.log"),
            _guard);

        Master = Describe("master", 0, [new("Role", "Master"), new("Listen:0", ReplicationEndPoint)]);
        Replicas = [.. Enumerable.Range(1, ReplicaCount).Select(
            number => Describe($"replica-{number}", number, SettingsOfReplica(number)))];
        All = [Master, .. Replicas];
    }

    /// <summary>Where the master accepts replicas.</summary>
    public string ReplicationEndPoint { get; }

    /// <summary>Where the first replica accepts replicas of its own.</summary>
    public string SubReplicationEndPoint { get; }

    /// <summary>The node that takes writes.</summary>
    public Node Master { get; }

    /// <summary>The nodes that follow it.</summary>
    public IReadOnlyList<Node> Replicas { get; }

    /// <summary>The master first, then the replicas.</summary>
    public IReadOnlyList<Node> All { get; }

    /// <summary>Asks all nodes about their replication at the same time; in the order of <see cref="All"/>, null for no answer.</summary>
    public Task<NodeReport?[]> GetReportsAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(All.Select(node => node.TryGetReportAsync(cancellationToken)));

    /// <summary>Kills whatever runs.</summary>
    public void Dispose()
    {
        foreach (Node node in All)
        {
            node.Dispose();
        }

        _guard.Dispose();
    }

    private Dictionary<string, string> SettingsOfReplica(int number)
    {
        Dictionary<string, string> settings = new() { ["Role"] = "Replica", ["Master"] = ReplicationEndPoint };
        if (number == 1)
        {
            settings["Listen:0"] = SubReplicationEndPoint;
        }

        return settings;
    }

    private static string Text(TimeSpan duration) => duration.ToString("c", CultureInfo.InvariantCulture);
}
