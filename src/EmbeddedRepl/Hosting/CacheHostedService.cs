using EmbeddedRepl.Facade;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EmbeddedRepl.Hosting;

/// <summary>
/// Ties one cache to the life of the host.
/// <para>Start: in <see cref="StartingAsync"/>, which the host calls before <c>StartAsync</c> of any service, wherever it was registered.
/// The listeners are opened first, then the snapshot file is loaded, then comes the link to the master. So when the application's own services start, the cache answers. A
/// master that cannot be reached delays nothing, unless <see cref="ReplicatedCacheOptions.ReadyTimeout"/> is set: then the start waits, at most so long, until the cache is ready.</para>
/// <para>Stop: in <see cref="StoppedAsync"/>, which the host calls after <c>StopAsync</c> of every service, the web server's included.
/// So requests that are being finished still have the cache, and their last writes still reach the replicas. It waits for them up to
/// <see cref="ReplicatedCacheOptions.ShutdownTimeout"/>, saves the snapshot file in the same time, and takes no longer than the host allows.</para>
/// A host that does not know these two calls gets the same from <see cref="StartAsync"/>, in the order of registration, and from the
/// disposal of the services, without waiting for readiness or for replicas.
/// </summary>
internal sealed class CacheHostedService : IHostedLifecycleService
{
    private readonly IServiceProvider _provider;
    private readonly CacheRegistration _registration;

    public CacheHostedService(IServiceProvider provider, CacheRegistration registration)
    {
        _provider = provider;
        _registration = registration;
    }

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();

        // A thread of its own: loading a snapshot file takes as long as it takes, and the host may lose its patience. Then the disposal that follows
        // ends the loading.
        ReplicatedCache cache = Cache();
        Task start = Task.Factory.StartNew(
            () =>
            {
                CacheLife.Start(cache, _provider, _registration);
                CacheLife.AwaitReady(cache, _provider, _registration, cancellationToken);
            },
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        await start.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Cache().Start();
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        ReplicatedCache cache = Cache();
        TimeSpan timeout = CacheLife.Options(_provider, _registration.Name).ShutdownTimeout;

        // A thread of its own: stopping waits, and it must work while every thread of the pool is taken. When the host's patience ends
        // first, the disposal that follows ends the waiting.
        Task stop = Task.Factory.StartNew(
            () => cache.Stop(timeout), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await stop.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private ReplicatedCache Cache() => _provider.GetRequiredKeyedService<ReplicatedCache>(_registration.Name);
}
