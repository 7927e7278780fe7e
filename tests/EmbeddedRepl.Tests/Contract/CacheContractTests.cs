using System.Buffers;
using EmbeddedRepl.Tests.Hosting;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EmbeddedRepl.Tests.Contract;

/// <summary>
/// What callers of <see cref="IDistributedCache"/> and <see cref="IBufferDistributedCache"/> rely on, proved on whatever the services
/// resolve. A derived class says which node that is. Nothing is started, so nothing is listened on or connected to.
/// </summary>
public abstract partial class CacheContractTests : IDisposable
{
    private static readonly byte[] Value = [1, 2, 3, 4, 5];
    private static readonly DistributedCacheEntryOptions NoExpiration = new();

    private readonly List<ServiceProvider> _providers = [];
    private IReplicatedCache? _cache;

    private protected TestClock Clock { get; } = new();

    private IReplicatedCache Cache => _cache ??= CreateCache();

    public void Dispose()
    {
        _providers.ForEach(p => p.Dispose());
        GC.SuppressFinalize(this);
    }

    /// <summary>Registers the node to prove the contract on; nothing for the library's own.</summary>
    protected abstract void RegisterNode(IServiceCollection services);

    private IReplicatedCache CreateCache(Action<ReplicatedCacheOptions>? configure = null)
    {
        var services = new ServiceCollection();
        RegisterNode(services);
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton<IHostApplicationLifetime>(new StillHost());
        services.AddReplicatedCache(configure ?? (_ => { }));
        ServiceProvider provider = services.BuildServiceProvider();
        _providers.Add(provider);
        var cache = (IReplicatedCache)provider.GetRequiredService<IDistributedCache>();
        return cache;
    }

    private IReplicatedCache CreateReplica() => CreateCache(o => o.Master = "127.0.0.1:1");

    private static DistributedCacheEntryOptions Relative(TimeSpan relative) => new() { AbsoluteExpirationRelativeToNow = relative };

    private static DistributedCacheEntryOptions Sliding(TimeSpan sliding) => new() { SlidingExpiration = sliding };

    /// <summary>A sequence of segments that start and end in the middle of larger arrays.</summary>
    private static ReadOnlySequence<byte> Segments(params byte[][] parts)
    {
        Segment? first = null;
        Segment? last = null;
        foreach (byte[] part in parts)
        {
            byte[] padded = [0xEE, .. part, 0xEE];
            last = new Segment(padded.AsMemory(1, part.Length), last);
            first ??= last;
        }

        return new ReadOnlySequence<byte>(first!, 0, last!, last!.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? previous)
        {
            Memory = memory;
            if (previous is not null)
            {
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
                previous.Next = this;
            }
        }
    }
}
