using EmbeddedRepl.Hosting;
using EmbeddedRepl.Tests.Contract;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EmbeddedRepl.Tests.Hosting;

public sealed class RegistrationTests
{
    private readonly DictionaryNodeFactory _nodes = new();

    [Fact]
    public void Resolve_AllThreeInterfaces_AreOneInstance()
    {
        using ServiceProvider provider = Build(s => s.AddReplicatedCache());

        var cache = provider.GetRequiredService<IReplicatedCache>();

        Assert.Same(cache, provider.GetRequiredService<IDistributedCache>());
        Assert.Same(cache, provider.GetRequiredService<IBufferDistributedCache>());
        Assert.Single(_nodes.Nodes);
    }

    [Fact]
    public void Resolve_AnotherDistributedCacheBefore_TheLastWins()
    {
        using ServiceProvider provider = Build(s => s.AddDistributedMemoryCache().AddReplicatedCache());

        Assert.IsAssignableFrom<IReplicatedCache>(provider.GetRequiredService<IDistributedCache>());
    }

    [Fact]
    public void Resolve_MicrosoftsCacheAddedAndOursAddedAgain_OursWins()
    {
        using ServiceProvider provider = Build(s =>
        {
            s.AddReplicatedCache();
            s.AddSingleton<IDistributedCache>(new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions())));
            s.AddReplicatedCache();
        });

        Assert.Same(provider.GetRequiredService<IReplicatedCache>(), provider.GetRequiredService<IDistributedCache>());
    }

    [Fact]
    public void Resolve_IsNotAMemoryDistributedCache()
    {
        using ServiceProvider provider = Build(s => s.AddReplicatedCache());

        // HybridCache leaves out a second level of that type.
        Assert.False(provider.GetRequiredService<IDistributedCache>() is MemoryDistributedCache);
    }

    [Fact]
    public void Resolve_WithNothingElseRegistered_Works()
    {
        using ServiceProvider provider = Build(s => s.AddReplicatedCache());

        IDistributedCache cache = provider.GetRequiredService<IDistributedCache>();
        cache.Set("key", [1]);

        Assert.Equal([1], cache.Get("key"));
    }

    [Fact]
    public void Resolve_ReplicaOfAMasterThatIsNotThere_Works()
    {
        using ServiceProvider provider = Build(s => s.AddReplicatedCache(o => o.Master = "192.0.2.1:6390"));

        Assert.Null(provider.GetRequiredService<IDistributedCache>().Get("key"));
    }

    [Fact]
    public void Resolve_WithoutAHost_StartsTheNode()
    {
        using (ServiceProvider provider = Build(s => s.AddReplicatedCache(o => o.Role = ReplicationRole.Master)))
        {
            provider.GetRequiredService<IDistributedCache>();
            Assert.Equal(["start"], _nodes.Nodes[0].Calls);
        }

        Assert.Contains("dispose", _nodes.Nodes[0].Calls);
    }

    [Fact]
    public void Resolve_WithoutAHostAndThePortTaken_ThrowsAndDisposesTheNode()
    {
        _nodes.Prepare = node => node.StartError = new InvalidOperationException("in use");
        using ServiceProvider provider = Build(s => s.AddReplicatedCache(o => o.Role = ReplicationRole.Master));

        ReplicatedCacheException error = Assert.Throws<ReplicatedCacheException>(() => provider.GetRequiredService<IDistributedCache>());

        Assert.Equal("ReplicatedCache:Listen '127.0.0.1:6390' cannot be used: in use", error.Message);
        Assert.Equal(["start", "dispose"], _nodes.Nodes[0].Calls);
    }

    [Fact]
    public void Resolve_InAHost_LeavesStartingToIt()
    {
        using ServiceProvider provider = Build(s => s.AddSingleton<IHostApplicationLifetime>(new StillHost()).AddReplicatedCache());

        provider.GetRequiredService<IDistributedCache>();

        Assert.Empty(_nodes.Nodes[0].Calls);
    }

    [Fact]
    public void Register_Twice_MakesOneOfEverything()
    {
        using ServiceProvider provider = Build(
            s =>
            {
                s.AddReplicatedCache();
                s.AddReplicatedCache(o => o.ExpectedReplicas = 1);
            },
            ("ReplicatedCache:Role", "Master"),
            ("ReplicatedCache:Listen:0", "127.0.0.1:7000"));

        var cache = provider.GetRequiredService<IReplicatedCache>();

        Assert.Same(cache, provider.GetRequiredService<IDistributedCache>());
        Assert.Single(_nodes.Nodes);
        Assert.Equal(["127.0.0.1:7000"], _nodes.Nodes[0].Options.Listen);
        Assert.Equal(1, _nodes.Nodes[0].Options.ExpectedReplicas);
        Assert.Single(provider.GetServices<IHostedService>());
        Assert.Single(provider.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations);
    }

    [Fact]
    public void Register_KeyedAndUnkeyed_AreCachesOfTheirOwn()
    {
        using ServiceProvider provider = Build(
            s =>
            {
                s.AddReplicatedCache();
                s.AddKeyedReplicatedCache("sessions");
                s.AddKeyedReplicatedCache("pages", o => o.CacheName = "renamed");
            },
            ("ReplicatedCaches:sessions:Master", "10.0.0.5"));

        var plain = provider.GetRequiredService<IReplicatedCache>();
        var sessions = provider.GetRequiredKeyedService<IReplicatedCache>("sessions");
        var pages = provider.GetRequiredKeyedService<IReplicatedCache>("pages");
        plain.Set("key", [1]);

        Assert.Same(sessions, provider.GetRequiredKeyedService<IDistributedCache>("sessions"));
        Assert.Same(sessions, provider.GetRequiredKeyedService<IBufferDistributedCache>("sessions"));
        Assert.Same(plain, provider.GetRequiredService<IDistributedCache>());
        Assert.Null(pages.Get("key"));
        Assert.Equal(ReplicationRole.Replica, sessions.Role);
        Assert.Equal(["default", "sessions", "renamed"], _nodes.Nodes.Select(n => n.Options.CacheName));
        Assert.Equal(3, provider.GetServices<IHostedService>().Count());
        Assert.Equal(
            ["replicated-cache", "replicated-cache:sessions", "replicated-cache:pages"],
            provider.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations.Select(r => r.Name));
    }

    [Fact]
    public void Register_KeyedOnly_LeavesTheUnkeyedServicesAlone()
    {
        using ServiceProvider provider = Build(s => s.AddKeyedReplicatedCache("sessions"));

        Assert.Null(provider.GetService<IDistributedCache>());
        Assert.Null(provider.GetService<IReplicatedCache>());
    }

    [Fact]
    public void Register_ReturnsABuilderWithNameAndServices()
    {
        var services = new ServiceCollection();

        Assert.Same(services, services.AddReplicatedCache().Services);
        Assert.Equal(string.Empty, services.AddReplicatedCache().Name);
        Assert.Equal("sessions", services.AddKeyedReplicatedCache("sessions").Name);
    }

    [Fact]
    public void Register_NullOrEmptyArgument_Throws()
    {
        var services = new ServiceCollection();

        Assert.Throws<ArgumentNullException>("services", () => ((IServiceCollection)null!).AddReplicatedCache());
        Assert.Throws<ArgumentNullException>("configure", () => services.AddReplicatedCache((Action<ReplicatedCacheOptions>)null!));
        Assert.Throws<ArgumentNullException>("configuration", () => services.AddReplicatedCache((IConfiguration)null!));
        Assert.Throws<ArgumentNullException>("name", () => services.AddKeyedReplicatedCache(null!));
        Assert.Throws<ArgumentException>("name", () => services.AddKeyedReplicatedCache(string.Empty));
        Assert.Empty(services);
    }

    [Fact]
    public void Clock_RegisteredOrNot_IsTheOneInTheServicesOrTheSystems()
    {
        var clock = new TestClock();
        using ServiceProvider with = Build(s => s.AddSingleton<TimeProvider>(clock).AddReplicatedCache());
        using ServiceProvider without = Build(s => s.AddReplicatedCache());

        with.GetRequiredService<IReplicatedCache>();
        without.GetRequiredService<IReplicatedCache>();

        Assert.Same(clock, _nodes.Nodes[0].Time);
        Assert.Same(TimeProvider.System, _nodes.Nodes[1].Time);
    }

    [Fact]
    public void Write_WithoutAbsoluteExpiration_ReadsNoClockInTheFacade()
    {
        var clock = new TestClock();
        using ServiceProvider provider = Build(s => s.AddSingleton<TimeProvider>(clock).AddReplicatedCache());
        var cache = provider.GetRequiredService<IReplicatedCache>();
        int before = clock.Reads;

        cache.Set("key", [1]);

        // One read is the dictionary node's own.
        Assert.Equal(before + 1, clock.Reads);
    }

    private ServiceProvider Build(Action<IServiceCollection> register, params (string Key, string Value)[] settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton<INodeFactory>(_nodes);
        if (settings.Length > 0)
        {
            services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
                .AddInMemoryCollection(settings.Select(s => new KeyValuePair<string, string?>(s.Key, s.Value))).Build());
        }

        register(services);
        return services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
    }
}
