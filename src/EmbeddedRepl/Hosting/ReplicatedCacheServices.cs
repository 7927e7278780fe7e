using EmbeddedRepl.Facade;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EmbeddedRepl.Hosting;

/// <summary>
/// The registration behind every overload. The cache itself, its place in the host's life and its health check exist once for each name,
/// however often it is registered; the interfaces of Microsoft are added each time, because there the last registration wins.
/// </summary>
internal static class ReplicatedCacheServices
{
    /// <summary>Adds a cache with the settings of the application's configuration, then of code.</summary>
    public static IReplicatedCacheBuilder Add(IServiceCollection services, string name, Action<ReplicatedCacheOptions>? configure = null)
    {
        CacheRegistration registration = AddCache(services, name);
        if (!registration.IsBoundToApplication)
        {
            registration.IsBoundToApplication = true;
            services.AddSingleton<IConfigureOptions<ReplicatedCacheOptions>>(provider =>
                OptionsBinding.ToApplication(registration, provider.GetService<IConfiguration>()));
        }

        if (configure is not null)
        {
            services.Configure(name, configure);
        }

        return new ReplicatedCacheBuilder(name, services);
    }

    /// <summary>Adds a cache with the settings of a configuration.</summary>
    public static IReplicatedCacheBuilder Add(IServiceCollection services, string name, IConfiguration configuration)
    {
        CacheRegistration registration = AddCache(services, name);
        IConfiguration section = OptionsBinding.SectionOf(registration, configuration);
        registration.Sources.Add(section);
        services.Configure<ReplicatedCacheOptions>(name, options => OptionsBinding.Bind(section, options));
        return new ReplicatedCacheBuilder(name, services);
    }

    private static CacheRegistration AddCache(IServiceCollection services, string name)
    {
        if (CacheRegistration.Add(services, name, out CacheRegistration registration))
        {
            AddOnce(services, registration);
        }

        if (registration.IsKeyed)
        {
            services.AddKeyedSingleton<IDistributedCache>(name, (provider, _) => Cache(provider, name));
            services.AddKeyedSingleton<IBufferDistributedCache>(name, (provider, _) => Cache(provider, name));
            services.TryAddKeyedSingleton<IReplicatedCache>(name, (provider, _) => Cache(provider, name));
        }
        else
        {
            services.AddSingleton<IDistributedCache>(provider => Cache(provider, name));
            services.AddSingleton<IBufferDistributedCache>(provider => Cache(provider, name));
            services.TryAddSingleton<IReplicatedCache>(provider => Cache(provider, name));
        }

        return registration;
    }

    private static void AddOnce(IServiceCollection services, CacheRegistration registration)
    {
        string name = registration.Name;
        OptionsBuilder<ReplicatedCacheOptions> options = services.AddOptions<ReplicatedCacheOptions>(name).ValidateOnStart();
        if (registration.IsKeyed)
        {
            // Two caches of one process differ in name before anybody sets one, so that a wrong port cannot join them.
            options.Configure(o => o.CacheName = name);
        }

        services.AddSingleton<IValidateOptions<ReplicatedCacheOptions>>(new OptionsValidator(registration));
        services.TryAddSingleton<INodeFactory, NodeFactory>();
        services.TryAddKeyedSingleton(
            name, (provider, _) => new CurrentOptions(provider.GetRequiredService<IOptionsMonitor<ReplicatedCacheOptions>>().Get(name)));
        services.TryAddKeyedSingleton(name, (provider, _) => new OptionsReload(provider, registration));
        services.TryAddKeyedSingleton(name, (provider, _) => CacheLife.Create(provider, registration));
        services.AddSingleton<IHostedService>(provider => new CacheHostedService(provider, registration));

        // Only the check is added, not the service that runs checks: that is the application's choice (AddHealthChecks), and it needs
        // logging, which a cache must not demand.
        services.Configure<HealthCheckServiceOptions>(checks => checks.Registrations.Add(new HealthCheckRegistration(
            registration.IsKeyed ? ReplicationHealthCheck.Name + ":" + name : ReplicationHealthCheck.Name,
            provider => new ReplicationHealthCheck(Cache(provider, name), CacheLife.Options(provider, name)),
            failureStatus: null,
            ReplicationHealthCheck.Tags)));
    }

    private static ReplicatedCache Cache(IServiceProvider provider, string name) =>
        provider.GetRequiredKeyedService<ReplicatedCache>(name);
}
