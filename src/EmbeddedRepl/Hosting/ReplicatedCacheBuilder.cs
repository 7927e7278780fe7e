using Microsoft.Extensions.DependencyInjection;

namespace EmbeddedRepl.Hosting;

/// <summary>The builder that the registration returns.</summary>
internal sealed record ReplicatedCacheBuilder(string Name, IServiceCollection Services) : IReplicatedCacheBuilder;
