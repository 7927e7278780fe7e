using EmbeddedRepl.TestKit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.Soak.Load;

/// <summary>A service with one cache, whose configuration can be edited while it runs.</summary>
internal sealed class SoakService : IDisposable
{
    private readonly IHost _host;
    private readonly EditableSettings _settings;
    private readonly (string Key, string Value)[] _usual;

    public SoakService(ErrorLog log, params (string Key, string Value)[] settings)
    {
        _usual = [("Password", "what the soak knows"), ("HeartbeatInterval", "00:00:00.5"), ("AckInterval", "00:00:00.2"), ("LinkTimeout", "00:00:05"), .. settings];
        _settings = new EditableSettings(_usual);
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.Sources.Add(_settings);
        builder.Services.AddSingleton<ILoggerFactory>(log);
        builder.Services.AddHealthChecks();
        builder.Services.AddReplicatedCache();
        _host = builder.Build();
        _host.Start();
        Cache = _host.Services.GetRequiredService<IReplicatedCache>();
    }

    public IReplicatedCache Cache { get; }

    public ReplicationInfo Info => Cache.GetReplicationInfo();

    public string EndPoint => Info.ListenEndPoints[0];

    /// <summary>Edits the configuration: the settings of the start and these.</summary>
    public void Edit(params (string Key, string Value)[] settings) => _settings.Edit([.. _usual, .. settings]);

    public void Dispose()
    {
        _host.StopAsync().GetAwaiter().GetResult();
        _host.Dispose();
    }

    private sealed class EditableSettings : ConfigurationProvider, IConfigurationSource
    {
        public EditableSettings((string Key, string Value)[] settings) => Put(settings);

        public void Edit((string Key, string Value)[] settings)
        {
            Put(settings);
            OnReload();
        }

        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        // A key that is there twice has its last value.
        private void Put((string Key, string Value)[] settings)
        {
            var data = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
            foreach ((string key, string value) in settings)
            {
                data["ReplicatedCache:" + key] = value;
            }

            Data = data;
        }
    }
}
