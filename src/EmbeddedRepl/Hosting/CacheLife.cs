using System.Diagnostics.Metrics;
using EmbeddedRepl.Diagnostics;
using EmbeddedRepl.Facade;
using EmbeddedRepl.Persistence;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Transport.Tls;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace EmbeddedRepl.Hosting;

/// <summary>Makes a cache out of what is registered, and starts it with the warnings that its configuration deserves.</summary>
internal static class CacheLife
{
    /// <summary>
    /// Makes the cache. In a host it is started by <see cref="CacheHostedService"/>; without one nobody else would do it, so it is
    /// started here. Either way a master that cannot be reached is no obstacle.
    /// </summary>
    public static ReplicatedCache Create(IServiceProvider provider, CacheRegistration registration)
    {
        ReplicatedCacheOptions options = Options(provider, registration.Name);
        TimeProvider time = provider.GetService<TimeProvider>() ?? TimeProvider.System;
        var telemetry = new CacheTelemetry(provider.GetService<IMeterFactory>(), options.CacheName, time);
        ICacheNode node = provider.GetRequiredService<INodeFactory>().Create(options, time, Loggers(provider), telemetry);
        telemetry.Observe(node.GetReplicationInfo);
        telemetry.ObserveCounts(() => CountsOf(node.GetStatistics()));
        var cache = new ReplicatedCache(node, options, time, Loggers(provider).CreateLogger(Log.Category(options.CacheName)), telemetry);
        if (provider.GetService<IHostApplicationLifetime>() is not null)
        {
            return cache;
        }

        try
        {
            Start(cache, provider, registration);
            return cache;
        }
        catch
        {
            cache.Dispose();
            throw;
        }
    }

    private static CacheCounts CountsOf(CacheStatistics statistics) => new(statistics.Hits, statistics.Misses, statistics.Evictions, statistics.Expirations);

    /// <summary>Starts the cache.</summary>
    /// <exception cref="ReplicatedCacheException">
    /// A listener could not be opened, or the snapshot file or a certificate could not be loaded; the message names the configuration key and the address or path.
    /// </exception>
    public static void Start(ReplicatedCache cache, IServiceProvider provider, CacheRegistration registration)
    {
        ReplicatedCacheOptions options = Options(provider, registration.Name);
        NodeTopology topology = NodeTopology.Of(options);
        ILogger logger = Loggers(provider).CreateLogger(Log.Category(options.CacheName));
        if (topology.IsStandAlone)
        {
            logger.StandAlone(registration.Section);
        }

        string listen = string.Join(", ", topology.Listen);
        bool demandsCertificates = options.Tls is { Listener: true, ClientCertificateMode: ClientCertificateMode.RequireCertificate };
        if (!options.ProtectedMode && options.Password is null && topology.Listen.Count > 0 && !demandsCertificates)
        {
            logger.ProtectedModeOff(listen, registration.Section);
        }

        try
        {
            cache.Start();
            provider.GetRequiredKeyedService<OptionsReload>(registration.Name).Watch(cache);
        }
        catch (SnapshotFileException exception)
        {
            logger.StartFailed(exception);
            throw new ReplicatedCacheException($"{registration.Section}:{nameof(options.SnapshotDirectory)}: {exception.Message}", exception);
        }
        catch (TlsSettingException exception)
        {
            logger.StartFailed(exception);
            throw new ReplicatedCacheException($"{registration.Section}:{exception.Message}", exception);
        }
        catch (Exception exception) when (topology.Listen.Count > 0 && exception is not ObjectDisposedException)
        {
            logger.StartFailed(exception);
            throw new ReplicatedCacheException(
                $"{registration.Section}:{nameof(options.Listen)} '{listen}' cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>Waits until the cache is ready, if its options say so. Blocks; needs no thread of the pool.</summary>
    /// <exception cref="ReplicatedCacheException">It is not ready in time, and the options say that it must be.</exception>
    /// <exception cref="OperationCanceledException">The host lost its patience.</exception>
    public static void AwaitReady(ReplicatedCache cache, IServiceProvider provider, CacheRegistration registration, CancellationToken cancellationToken)
    {
        ReplicatedCacheOptions options = Options(provider, registration.Name);
        if (options.ReadyTimeout == TimeSpan.Zero || cache.WaitUntilReady(options.ReadyTimeout, cancellationToken))
        {
            return;
        }

        ReplicationInfo info = cache.GetReplicationInfo();
        string link = $"{info.Master} is {info.LinkState} ({info.LinkDownReason ?? "no reason is known"})";
        if (options.RequireReadyAtStart)
        {
            throw new ReplicatedCacheException(
                $"{registration.Section}:{nameof(options.RequireReadyAtStart)} is set, and this node is not ready within {nameof(options.ReadyTimeout)} ({options.ReadyTimeout}); the link to master {link}.");
        }

        Loggers(provider).CreateLogger(Log.Category(options.CacheName)).StartedNotReady(options.ReadyTimeout, link);
    }

    /// <summary>The options of a cache as they are in force, validated.</summary>
    public static ReplicatedCacheOptions Options(IServiceProvider provider, string name) =>
        provider.GetRequiredKeyedService<CurrentOptions>(name).Value;

    public static ILoggerFactory Loggers(IServiceProvider provider) =>
        provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;
}
