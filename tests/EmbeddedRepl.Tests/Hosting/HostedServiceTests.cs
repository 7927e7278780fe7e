using EmbeddedRepl.Hosting;
using EmbeddedRepl.Tests.Contract;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EmbeddedRepl.Tests.Hosting;

public sealed class HostedServiceTests : IDisposable
{
    private readonly DictionaryNodeFactory _nodes = new();
    private readonly CapturedLog _log = new();

    public void Dispose() => _log.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Host_StartsTheNodeBeforeAndStopsItAfterEveryService(bool registeredFirst)
    {
        using IHost host = Build(s =>
        {
            if (registeredFirst)
            {
                s.AddReplicatedCache();
            }

            s.AddHostedService(p => new ApplicationService(p.GetRequiredService<IReplicatedCache>(), _nodes));
            if (!registeredFirst)
            {
                s.AddReplicatedCache();
            }
        });

        await host.StartAsync();
        Assert.Equal(["start", "application started"], _nodes.Nodes[0].Calls);
        await host.StopAsync();

        Assert.Equal(["start", "application started", "application stopped", "stop 00:00:10"], _nodes.Nodes[0].Calls);
    }

    [Fact]
    public async Task Host_DisposedOf_DisposesTheNode()
    {
        IHost host = Build(s => s.AddReplicatedCache());
        await host.StartAsync();

        host.Dispose();

        Assert.Equal("dispose", _nodes.Nodes[0].Calls[^1]);
    }

    [Fact]
    public async Task Host_SeveralCaches_StartsAndStopsEachOnce()
    {
        using IHost host = Build(s =>
        {
            s.AddReplicatedCache();
            s.AddKeyedReplicatedCache("a", o => o.ShutdownTimeout = TimeSpan.FromSeconds(1));
            s.AddKeyedReplicatedCache("b", o => o.ShutdownTimeout = TimeSpan.FromSeconds(2));
        });

        await host.StartAsync();
        await host.StopAsync();

        Assert.Equal(3, _nodes.Nodes.Count);
        Assert.Equal(
            ["start,stop 00:00:01", "start,stop 00:00:02", "start,stop 00:00:10"],
            _nodes.Nodes.Select(n => string.Join(',', n.Calls)).Order());
    }

    [Fact]
    [Trait("Behaviour", "F5")]
    public async Task Host_PortTaken_StopsWithTheKeyAndTheAddress()
    {
        _nodes.Prepare = node => node.StartError = new IOException("address already in use");
        using IHost host = Build(
            s => s.AddReplicatedCache(), ("ReplicatedCache:Role", "Master"), ("ReplicatedCache:Listen:0", "127.0.0.1:7000"));

        ReplicatedCacheException error = await Assert.ThrowsAsync<ReplicatedCacheException>(() => host.StartAsync());

        Assert.Equal("ReplicatedCache:Listen '127.0.0.1:7000' cannot be used: address already in use", error.Message);
        Assert.IsType<IOException>(error.InnerException);
    }

    [Fact]
    [Trait("Behaviour", "F5")]
    public async Task Host_ListenAddressInvalid_StopsWithTheKeyAndTheAddress()
    {
        using IHost host = Build(
            s => s.AddReplicatedCache(), ("ReplicatedCache:Role", "Master"), ("ReplicatedCache:Listen:0", "nonsense:x"));

        OptionsValidationException error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Contains("ReplicatedCache:Listen:0 'nonsense:x' cannot be used: ", error.Message, StringComparison.Ordinal);
        Assert.Empty(_nodes.Nodes);
    }

    [Fact]
    public async Task Host_OptionsInvalid_StopsBeforeAnyNodeIsMadeEvenIfNobodyUsesTheCache()
    {
        using IHost host = Build(s => s.AddKeyedReplicatedCache("pages"), ("ReplicatedCaches:pages:BacklogSize", "-1"));

        OptionsValidationException error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Contains("ReplicatedCaches:pages:BacklogSize must be between", error.Message, StringComparison.Ordinal);
        Assert.Empty(_nodes.Nodes);
    }

    [Fact]
    public async Task Host_WhoseStopRunsOutOfTime_GoesOnWithoutTheNode()
    {
        using var entered = new SemaphoreSlim(0);
        using var release = new ManualResetEventSlim();
        _nodes.Prepare = node => node.WhileStopping = () =>
        {
            entered.Release();
            release.Wait();
        };
        using IHost host = Build(s => s.AddReplicatedCache());
        await host.StartAsync();
        using var impatience = new CancellationTokenSource();

        Task stop = host.StopAsync(impatience.Token);
        await entered.WaitAsync();
        Assert.False(stop.IsCompleted);
        await impatience.CancelAsync();
        Exception? error = await Record.ExceptionAsync(() => stop);
        release.Set();

        Assert.IsAssignableFrom<OperationCanceledException>(error is AggregateException several ? several.InnerExceptions[0] : error);
    }

    [Fact]
    [Trait("Behaviour", "I6")]
    public async Task Host_StandAlone_WarnsAndNamesTheSection()
    {
        using IHost host = Build(s => s.AddReplicatedCache());

        await host.StartAsync();

        Assert.Contains(
            _log.Lines,
            line => line.StartsWith("Warning 1010 EmbeddedRepl: This node stands alone: ReplicatedCache sets neither Role nor Master", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Role", "Master")]
    [InlineData("Master", "10.0.0.5:6390")]
    public async Task Host_ToldWhatTheNodeIs_DoesNotWarn(string key, string value)
    {
        using IHost host = Build(s => s.AddReplicatedCache(), ("ReplicatedCache:" + key, value));

        await host.StartAsync();

        Assert.DoesNotContain(_log.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Behaviour", "F4")]
    public async Task Host_ProtectedModeOffWithoutPassword_Warns()
    {
        using IHost host = Build(
            s => s.AddReplicatedCache(), ("ReplicatedCache:Role", "Master"), ("ReplicatedCache:ProtectedMode", "false"));

        await host.StartAsync();

        Assert.Contains(_log.Lines, line => line.Contains("1011 EmbeddedRepl: Protected mode is off", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Host_ProtectedModeOffWithPassword_DoesNotWarn()
    {
        using IHost host = Build(
            s => s.AddReplicatedCache(o => o.Password = "secret"),
            ("ReplicatedCache:Role", "Master"),
            ("ReplicatedCache:ProtectedMode", "false"));

        await host.StartAsync();

        Assert.DoesNotContain(_log.Lines, line => line.Contains(" 1011 ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Host_OfTheOldKind_StartsTheNodeWithItsServices()
    {
        using IHost host = Build(s => s.AddReplicatedCache());
        IHostedService service = host.Services.GetServices<IHostedService>().Single();

        await service.StartAsync(CancellationToken.None);

        Assert.Equal(["start"], _nodes.Nodes[0].Calls);
    }

    [Fact]
    [Trait("Behaviour", "K4")]
    public async Task Host_WithAReadyTimeout_WaitsBeforeAnyServiceUntilTheNodeIsReady()
    {
        using IHost host = Build(
            s =>
            {
                s.AddHostedService(p => new ApplicationService(p.GetRequiredService<IReplicatedCache>(), _nodes));
                s.AddReplicatedCache();
            },
            ("ReplicatedCache:Master", "10.0.0.5:6390"),
            ("ReplicatedCache:ReadyTimeout", "1.00:00:00"));
        using var started = new SemaphoreSlim(0);
        _nodes.Prepare = node => node.WhileWaitedFor = () => started.Release();

        Task start = host.StartAsync();
        await Task.WhenAny(start, started.WaitAsync());
        Assert.Equal(["start"], _nodes.Nodes[0].Calls);
        Assert.False(start.IsCompleted);
        _nodes.Nodes[0].ReadySource.SetResult();
        await start;

        Assert.Equal(["start", "application started"], _nodes.Nodes[0].Calls);
        Assert.DoesNotContain(_log.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Behaviour", "K4")]
    public async Task Host_NotReadyWithinReadyTimeout_StartsAllTheSameAndWarns()
    {
        using IHost host = Build(
            s => s.AddReplicatedCache(), ("ReplicatedCache:Master", "10.0.0.5:6390"), ("ReplicatedCache:ReadyTimeout", "00:00:00.001"));

        await host.StartAsync();

        Assert.Contains(
            _log.Lines,
            line => line.StartsWith("Warning 1014 EmbeddedRepl: This node is not ready within ReadyTimeout (00:00:00.0010000)", StringComparison.Ordinal)
                && line.Contains("the link to master 10.0.0.5:6390 is Disconnected", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Behaviour", "K4")]
    public async Task Host_NotReadyInTimeAndRequired_FailsToStartAndNamesTheKey()
    {
        using IHost host = Build(
            s => s.AddReplicatedCache(),
            ("ReplicatedCache:Master", "10.0.0.5:6390"),
            ("ReplicatedCache:ReadyTimeout", "00:00:00.001"),
            ("ReplicatedCache:RequireReadyAtStart", "true"));

        ReplicatedCacheException error = await Assert.ThrowsAsync<ReplicatedCacheException>(() => host.StartAsync());

        Assert.StartsWith("ReplicatedCache:RequireReadyAtStart is set, and this node is not ready within ReadyTimeout (00:00:00.0010000)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Behaviour", "K4")]
    public async Task Host_ThatLosesItsPatience_EndsTheWait()
    {
        using IHost host = Build(
            s => s.AddReplicatedCache(), ("ReplicatedCache:Master", "10.0.0.5:6390"), ("ReplicatedCache:ReadyTimeout", "1.00:00:00"));
        using var impatience = new CancellationTokenSource();
        _nodes.Prepare = node => node.WhileWaitedFor = impatience.Cancel;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => host.StartAsync(impatience.Token));
    }

    private IHost Build(Action<IServiceCollection> register, params (string Key, string Value)[] settings)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings.Select(s => new KeyValuePair<string, string?>(s.Key, s.Value)));
        builder.Services.AddSingleton<INodeFactory>(_nodes);
        builder.Logging.AddProvider(_log);
        register(builder.Services);
        return builder.Build();
    }

    private sealed class ApplicationService(IReplicatedCache cache, DictionaryNodeFactory nodes) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            nodes.Nodes[0].Calls.Add("application started");
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            // What a request in its last moments does.
            cache.Set("key", [1], new());
            nodes.Nodes[0].Calls.Add("application stopped");
            return Task.CompletedTask;
        }
    }
}
