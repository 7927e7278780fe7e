using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EmbeddedRepl.Comparison.Nodes;

/// <summary>A node in this process, registered as a service registers it. It ends with this object.</summary>
internal sealed class LocalNode : IDisposable
{
    private static readonly TimeSpan SyncLimit = TimeSpan.FromSeconds(60);

    private readonly ServiceProvider _services;

    /// <summary>Starts one; returns when it has started, which for a replica is before it has data.</summary>
    /// <param name="settings">Options as in a configuration: <c>Master=127.0.0.1:6390</c>, <c>BacklogSize=1048576</c>.</param>
    public LocalNode(params string[] settings)
    {
        long start = Stopwatch.GetTimestamp();
        IConfigurationRoot configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => setting.Split('=', 2)).Select(pair => KeyValuePair.Create("ReplicatedCache:" + pair[0], (string?)pair[1])))
            .Build();
        _services = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddReplicatedCache().Services
            .BuildServiceProvider();
        Cache = _services.GetRequiredService<IReplicatedCache>();
        StartTime = Stopwatch.GetElapsedTime(start);
    }

    public IReplicatedCache Cache { get; }

    /// <summary>From the first line that registers it until it serves what its snapshot file holds.</summary>
    public TimeSpan StartTime { get; }

    /// <summary>Settings of a master with an address of its own, that begins with nothing.</summary>
    public static string[] OfMaster(params string[] settings) => ["Role=Master", "Listen:0=127.0.0.1:0", "RecoveryWindow=00:00:00", .. settings];

    /// <summary>A master with an address of its own, that begins with nothing.</summary>
    public static LocalNode StartMaster(params string[] settings) => new(OfMaster(settings));

    /// <summary>A replica of a node, with all that its master has.</summary>
    /// <exception cref="TimeoutException">It is not in sync after a minute.</exception>
    public static LocalNode StartReplica(LocalNode master, params string[] settings)
    {
        var node = new LocalNode([$"Master={master.Cache.GetReplicationInfo().ListenEndPoints[0]}", .. settings]);
        if (!node.Cache.WaitUntilReady(SyncLimit))
        {
            node.Dispose();
            throw new TimeoutException("The replica in this process is not in sync after a minute.");
        }

        return node;
    }

    /// <summary>Saves the snapshot file.</summary>
    public static string Save(IReplicatedCache cache)
    {
        cache.SaveSnapshotAsync().GetAwaiter().GetResult();
        return ChildLoop.Done;
    }

    public void Dispose() => _services.Dispose();
}
