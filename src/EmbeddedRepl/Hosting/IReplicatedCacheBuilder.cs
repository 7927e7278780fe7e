namespace Microsoft.Extensions.DependencyInjection;

/// <summary>What registering a replicated cache returns, for packages that add to it.</summary>
public interface IReplicatedCacheBuilder
{
    /// <summary>The name of the cache's options and its service key; empty for the cache without a key.</summary>
    string Name { get; }

    /// <summary>The services that the cache was added to.</summary>
    IServiceCollection Services { get; }
}
