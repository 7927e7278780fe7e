using System.Diagnostics;
using System.Net;
using EmbeddedRepl.Fuzz.Oracles;
using EmbeddedRepl.TestKit;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.Fuzz.Targets;

/// <summary>A master as an application registers it, listening on loopback without a password, and one replica that behaves. What strangers do to the master must not concern the replica.</summary>
internal sealed class LiveNodes : IDisposable
{
    /// <summary>After so much silence the master gives a session up; before its handshake is through, after less.</summary>
    public static readonly TimeSpan LinkTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ErrorLog _log = new();
    private readonly IHost _master;
    private readonly IHost _replica;
    private int _writes;

    public LiveNodes()
    {
        _master = Start(
            ("Role", "Master"), ("Listen:0", "127.0.0.1:0"), ("RecoveryWindow", "00:00:00"), ("MemoryLimit", $"{16 << 20}"), ("MaxConcurrentFullSyncs", "64"), ("ExpectedReplicas", "1"));
        for (int i = 0; i < 100; i++)
        {
            CacheOf(_master).Set($"key {i}", new byte[i]);
        }

        Address = IPEndPoint.Parse(Info(_master).ListenEndPoints[0]);
        _replica = Start(("Master", Address.ToString()), ("ReplicaWrites", "Forward"));
        if (!CacheOf(_replica).WaitUntilReady(Patience))
        {
            throw new InvalidOperationException($"The replica got no data: {Info(_replica)}");
        }
    }

    /// <summary>Where the master listens.</summary>
    public IPEndPoint Address { get; }

    /// <summary>Where the master's stream ends.</summary>
    public long Offset => Info(_master).ReplicationOffset;

    /// <summary>The master serves the replica as if nobody else were there, is healthy, and has nothing to complain of.</summary>
    /// <exception cref="FuzzFailedException">It does not, is not, or has.</exception>
    public void Check()
    {
        string key = $"probe {_writes % 50}";
        byte[] value = BitConverter.GetBytes(_writes++);
        CacheOf(_master).Set(key, value);
        long start = Stopwatch.GetTimestamp();
        ReplicationInfo master;
        ReplicationInfo replica;
        while (true)
        {
            master = Info(_master);
            replica = Info(_replica);
            if ((master.ReplicationId, master.ReplicationOffset) == (replica.ReplicationId, replica.ReplicationOffset))
            {
                break;
            }

            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new FuzzFailedException($"The replica that behaves does not get what is written: {replica}, where the master is {master}");
            }

            Thread.Sleep(1);
        }

        if (master.Digest != replica.Digest)
        {
            throw new FuzzFailedException($"At offset {master.ReplicationOffset} the replica's digest is {replica.Digest}, the master's {master.Digest}.");
        }

        if (replica.LinkFailures > 0 || replica.FullSyncsCompleted != 1)
        {
            throw new FuzzFailedException($"The link of the replica that behaves was cut: {replica}");
        }

        foreach (IHost host in new[] { _master, _replica })
        {
            HealthReport health = host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync().GetAwaiter().GetResult();
            if (health.Status != HealthStatus.Healthy)
            {
                throw new FuzzFailedException($"{Info(host).Role}: {string.Join("; ", health.Entries.Values.Select(entry => entry.Description))}");
            }
        }

        if (_log.Count > 0)
        {
            throw new FuzzFailedException($"{_log.Count} errors were logged: {string.Join("\n", _log.First)}");
        }
    }

    public void Dispose()
    {
        foreach (IHost host in new[] { _replica, _master })
        {
            host.StopAsync().GetAwaiter().GetResult();
            host.Dispose();
        }
    }

    private static IReplicatedCache CacheOf(IHost host) => host.Services.GetRequiredService<IReplicatedCache>();

    private static ReplicationInfo Info(IHost host) => CacheOf(host).GetReplicationInfo();

    private IHost Start(params (string Key, string Value)[] settings)
    {
        (string Key, string Value)[] usual = [("HeartbeatInterval", "00:00:00.5"), ("AckInterval", "00:00:00.2"), ("HandshakeTimeout", "00:00:02"), ("LinkTimeout", $"{LinkTimeout}")];
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(usual.Concat(settings).Select(pair => KeyValuePair.Create("ReplicatedCache:" + pair.Key, (string?)pair.Value)));
        builder.Services.AddSingleton<ILoggerFactory>(_log);
        builder.Services.AddHealthChecks();
        builder.Services.AddReplicatedCache();
        IHost host = builder.Build();
        host.Start();
        return host;
    }
}
