using EmbeddedRepl.TestKit;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.Soak.Cycles;

/// <summary>A whole service with a cache: host, dependency injection, configuration, snapshot file; started, used, and stopped or only disposed of.</summary>
internal static class HostCycle
{
    public static void Run(CycleNodes nodes, Random random)
    {
        using var folder = new TempFolder();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<ILoggerFactory>(nodes.Log);
        builder.Services.AddHealthChecks();
        builder.Services.AddReplicatedCache(options =>
        {
            options.Master = CycleNodes.EndPointOf(nodes.Master);
            options.Password = CycleNodes.Password;
            options.Listen.Add("127.0.0.1:0");
            options.SnapshotDirectory = random.Next(2) == 0 ? folder.FullName : null;
            options.ReplicaWrites = ReplicaWrites.Forward;
            options.ReadyTimeout = TimeSpan.FromSeconds(30);
        });
        using IHost host = builder.Build();
        host.Start();
        IReplicatedCache cache = host.Services.GetRequiredService<IReplicatedCache>();
        nodes.Census.Watch(host);
        nodes.Census.Watch(cache);
        using (ICacheSubscription subscription = cache.Subscribe())
        using (ConsistencyScope scope = cache.TrackWrites())
        {
            nodes.Census.Watch(subscription);
            cache.Set("written by a host", [1], new DistributedCacheEntryOptions());
            if (!cache.WaitFor(scope.Token!, TimeSpan.FromSeconds(30)))
            {
                throw new InvalidOperationException("The write is not here.");
            }
        }

        nodes.WatchSessions();
        if (random.Next(2) == 0)
        {
            host.StopAsync().GetAwaiter().GetResult();
        }
    }
}
