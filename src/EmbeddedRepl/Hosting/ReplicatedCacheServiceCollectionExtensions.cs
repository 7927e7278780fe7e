using EmbeddedRepl;
using EmbeddedRepl.Hosting;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers replicated caches.</summary>
public static class ReplicatedCacheServiceCollectionExtensions
{
    /// <summary>
    /// Adds a replicated cache as <c>IDistributedCache</c>, <c>IBufferDistributedCache</c> and <see cref="IReplicatedCache"/>, with the
    /// settings of the section <c>ReplicatedCache</c> of the application's configuration. Called again it adds no second cache.
    /// </summary>
    /// <param name="services">What to add to.</param>
    /// <returns>A builder for what is added to this cache.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static IReplicatedCacheBuilder AddReplicatedCache(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        return ReplicatedCacheServices.Add(services, name: string.Empty);
    }

    /// <summary>
    /// Adds a replicated cache as <see cref="AddReplicatedCache(IServiceCollection)"/> does and changes its settings in code, after
    /// those of the application's configuration.
    /// </summary>
    /// <param name="services">What to add to.</param>
    /// <param name="configure">Changes the settings.</param>
    /// <returns>A builder for what is added to this cache.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static IReplicatedCacheBuilder AddReplicatedCache(this IServiceCollection services, Action<ReplicatedCacheOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        return ReplicatedCacheServices.Add(services, name: string.Empty, configure);
    }

    /// <summary>Adds a replicated cache with settings from the given configuration instead of the application's.</summary>
    /// <param name="services">What to add to.</param>
    /// <param name="configuration">The section with the settings, or a configuration that has a section <c>ReplicatedCache</c>.</param>
    /// <returns>A builder for what is added to this cache.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static IReplicatedCacheBuilder AddReplicatedCache(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        return ReplicatedCacheServices.Add(services, name: string.Empty, configuration);
    }

    /// <summary>
    /// Adds one of several replicated caches of a process, to be injected with <c>[FromKeyedServices(name)]</c>. Its settings are those
    /// of the section <c>ReplicatedCaches:<paramref name="name"/></c> of the application's configuration.
    /// </summary>
    /// <param name="services">What to add to.</param>
    /// <param name="name">The service key; also the default of <see cref="ReplicatedCacheOptions.CacheName"/>. Not empty.</param>
    /// <returns>A builder for what is added to this cache.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    public static IReplicatedCacheBuilder AddKeyedReplicatedCache(this IServiceCollection services, string name)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return ReplicatedCacheServices.Add(services, name);
    }

    /// <summary>
    /// Adds one of several replicated caches as <see cref="AddKeyedReplicatedCache(IServiceCollection, string)"/> does and changes its
    /// settings in code, after those of the application's configuration.
    /// </summary>
    /// <param name="services">What to add to.</param>
    /// <param name="name">The service key; also the default of <see cref="ReplicatedCacheOptions.CacheName"/>. Not empty.</param>
    /// <param name="configure">Changes the settings.</param>
    /// <returns>A builder for what is added to this cache.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    public static IReplicatedCacheBuilder AddKeyedReplicatedCache(
        this IServiceCollection services, string name, Action<ReplicatedCacheOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(configure);
        return ReplicatedCacheServices.Add(services, name, configure);
    }

    /// <summary>Adds one of several replicated caches with settings from the given configuration instead of the application's.</summary>
    /// <param name="services">What to add to.</param>
    /// <param name="name">The service key; also the default of <see cref="ReplicatedCacheOptions.CacheName"/>. Not empty.</param>
    /// <param name="configuration">The section with the settings.</param>
    /// <returns>A builder for what is added to this cache.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    public static IReplicatedCacheBuilder AddKeyedReplicatedCache(
        this IServiceCollection services, string name, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(configuration);
        return ReplicatedCacheServices.Add(services, name, configuration);
    }
}
