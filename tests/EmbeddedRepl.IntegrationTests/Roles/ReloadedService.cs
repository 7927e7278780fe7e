using EmbeddedRepl.IntegrationTests.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.IntegrationTests.Roles;

/// <summary>A service with one cache whose configuration is edited while it runs.</summary>
internal sealed class ReloadedService : IDisposable
{
    public const int Applied = 1815;
    public const int Ignored = 1816;
    public const int AtNextStart = 1817;

    private readonly IHost _host;

    private ReloadedService(IHost host, EditableSettings settings, TraceLog log, IReplicatedCache cache)
    {
        _host = host;
        Settings = settings;
        Log = log;
        Cache = cache;
    }

    public EditableSettings Settings { get; }

    public TraceLog Log { get; }

    public IReplicatedCache Cache { get; }

    public IServiceProvider Services => _host.Services;

    public ReplicationInfo Info => Cache.GetReplicationInfo();

    public string EndPoint => Info.ListenEndPoints[0];

    public static ReloadedService Start(params (string Key, string Value)[] settings) => Start(null, null, settings);

    /// <param name="key">The key of a keyed cache, or null.</param>
    /// <param name="configure">Options given in code, or null.</param>
    /// <param name="settings">Keys of the section, without its name. Short intervals are added to them.</param>
    public static ReloadedService Start(string? key, Action<ReplicatedCacheOptions>? configure, params (string Key, string Value)[] settings)
    {
        var log = new TraceLog();
        var source = new EditableSettings(key is null ? "ReplicatedCache" : "ReplicatedCaches:" + key, settings);
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.Sources.Add(source);
        builder.Services.AddSingleton<ILoggerFactory>(log);
        builder.Services.AddHealthChecks();
        void Configure(ReplicatedCacheOptions options)
        {
            options.HeartbeatInterval = TimeSpan.FromMilliseconds(200);
            options.AckInterval = TimeSpan.FromMilliseconds(100);
            options.ReconnectDelay = TimeSpan.FromMilliseconds(100);
            configure?.Invoke(options);
        }

        if (key is null)
        {
            builder.Services.AddReplicatedCache(Configure);
        }
        else
        {
            builder.Services.AddKeyedReplicatedCache(key, Configure);
        }

        IHost host = builder.Build();
        host.Start();
        IReplicatedCache cache = key is null
            ? host.Services.GetRequiredService<IReplicatedCache>()
            : host.Services.GetRequiredKeyedService<IReplicatedCache>(key);
        return new ReloadedService(host, source, log, cache);
    }

    public static ReloadedService Master(params (string Key, string Value)[] settings) =>
        Start([("Role", "Master"), ("Listen:0", "127.0.0.1:0"), .. settings]);

    public void WaitFor(Func<ReplicationInfo, bool> condition, string what) =>
        TestNode.Wait(() => condition(Info), () => $"{what}; {Info}\n{Log.Text}");

    public void WaitForStreaming() => WaitFor(info => info.LinkState == ReplicationLinkState.Streaming, "the link streams");

    /// <summary>Edits, and waits until that was acted upon or ignored.</summary>
    public void Edit(int outcome, params (string Key, string Value)[] settings)
    {
        int before = Log.CountOf(outcome);
        Settings.Edit(settings);
        TestNode.Wait(() => Log.CountOf(outcome) > before, () => $"log message {outcome} after an edit:\n{Log.Text}");
    }

    /// <summary>The order of an operator; complete when this returns.</summary>
    public void Promote() => Cache.PromoteAsync().GetAwaiter().GetResult();

    /// <inheritdoc cref="Promote"/>
    public void ReplicateFrom(string master) => Cache.ReplicateFromAsync(master).GetAwaiter().GetResult();

    public void WaitUntilEqualTo(ReloadedService other) => TestNode.Wait(
        () => (Info.ReplicationId, Info.ReplicationOffset, Info.Digest) == (other.Info.ReplicationId, other.Info.ReplicationOffset, other.Info.Digest),
        () => $"equal: {Info} and {other.Info}\n{Log.Text}");

    public void Dispose() => _host.Dispose();
}
