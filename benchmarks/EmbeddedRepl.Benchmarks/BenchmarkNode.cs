using Microsoft.Extensions.DependencyInjection;

namespace EmbeddedRepl.Benchmarks;

/// <summary>A node in this process, as a service has it. Whoever gets it disposes of it.</summary>
internal static class BenchmarkNode
{
    public static IReplicatedCache Create(Action<ReplicatedCacheOptions> configure) => new ServiceCollection()
        .AddReplicatedCache(configure).Services
        .BuildServiceProvider()
        .GetRequiredService<IReplicatedCache>();
}
