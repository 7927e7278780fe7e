using EmbeddedRepl.Diagnostics;
using EmbeddedRepl.Facade;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Runtime;
using EmbeddedRepl.Transport;
using EmbeddedRepl.Transport.Tls;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace EmbeddedRepl.Hosting;

/// <summary>
/// Watches the configuration of one cache and applies what changes in it, compared with what was configured before: a file that is only touched
/// changes nothing, whatever was ordered by calls meanwhile. What is not valid is logged and ignored as a whole; it is looked at again with
/// the next change. Works on a thread of its own, which exists only while there is something to do, never on the pool.
/// </summary>
internal sealed class OptionsReload : IDisposable
{
    /// <summary>How long the configuration must be left alone before it is read, in milliseconds: editors and file systems report one change several times.</summary>
    private const long QuietTime = 200;

    /// <summary>After so many changes without a pause it is read all the same.</summary>
    private const int MaxRounds = 10;

    private readonly CacheRegistration _registration;
    private readonly IConfiguration[] _sources;
    private readonly IOptionsFactory<ReplicatedCacheOptions> _factory;
    private readonly CurrentOptions _current;
    private readonly ILogger _logger;
    private readonly List<IDisposable> _subscriptions = [];
    private readonly Lock _lock = new();
    private readonly LoopSignal _signal = new();
    private ReplicatedCache? _cache;
    private LoopThread? _thread;
    private bool _hadSettings;
    private long _changes;
    private bool _isRunning;
    private bool _isDisposed;

    public OptionsReload(IServiceProvider provider, CacheRegistration registration)
    {
        _registration = registration;
        _factory = provider.GetRequiredService<IOptionsFactory<ReplicatedCacheOptions>>();
        _current = provider.GetRequiredKeyedService<CurrentOptions>(registration.Name);
        _logger = new ForgivingLogger(CacheLife.Loggers(provider).CreateLogger(Log.Category(_current.Value.CacheName)));
        List<IConfiguration> sources = [.. registration.Sources];
        if (registration.IsBoundToApplication && provider.GetService<IConfiguration>() is { } application)
        {
            sources.Add(application.GetSection(registration.Section));
        }

        _sources = [.. sources];
    }

    /// <summary>Begins to watch; does nothing the second time.</summary>
    /// <param name="cache">What changes are applied to. Started.</param>
    public void Watch(ReplicatedCache cache)
    {
        lock (_lock)
        {
            if (_cache is not null || _isDisposed)
            {
                return;
            }

            _cache = cache;
            _hadSettings = HasSettings();
            foreach (IConfiguration source in _sources)
            {
                _subscriptions.Add(ChangeToken.OnChange(source.GetReloadToken, Changed));
            }
        }
    }

    public void Dispose()
    {
        LoopThread? thread;
        lock (_lock)
        {
            _isDisposed = true;
            thread = _thread;
        }

        _subscriptions.ForEach(subscription => subscription.Dispose());
        _signal.Set();
        if (thread is null || thread.Join(TimeSpan.FromSeconds(5)))
        {
            _signal.Dispose();
        }
    }

    /// <summary>Reads the configuration and applies what differs from what was configured before.</summary>
    internal void Apply()
    {
        if (_hadSettings && !HasSettings())
        {
            // A file that is being replaced is gone for a moment, and one that cannot be parsed counts as empty. Neither means: be a stand-alone master.
            _logger.ConfigurationIgnored($"{_registration.Section} is not there any more");
            return;
        }

        ReplicatedCacheOptions before = _current.Value;
        try
        {
            ReplicatedCacheOptions next = _factory.Create(_registration.Name);
            IReadOnlyList<string> changed = OptionsDifference.Of(before, next);
            if (changed.Count == 0)
            {
                return;
            }

            ThrowIfItWouldStandAlone(before, next);
            _cache!.Reconfigure(before, next);
            _current.Value = next;
            _hadSettings |= HasSettings();
            Report(changed);
        }
        catch (ListenFailedException exception)
        {
            _logger.ConfigurationIgnored($"{_registration.Section}:{nameof(before.Listen)} cannot be used: {exception.Message}");
        }
        catch (TlsSettingException exception)
        {
            _logger.ConfigurationIgnored($"{_registration.Section}:{exception.Message}");
        }
        catch (ObjectDisposedException)
        {
            // The cache is gone, and with it everything that could be changed.
        }
#pragma warning disable CA1031 // Whatever the configuration or the application's own code that changes options runs into, the node goes on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _logger.ConfigurationIgnored(exception.Message);
        }
    }

    private bool HasSettings() => _sources.Any(source => source.GetChildren().Any());

    private void ThrowIfItWouldStandAlone(ReplicatedCacheOptions before, ReplicatedCacheOptions next)
    {
        if (NodeTopology.Of(next).IsStandAlone && !NodeTopology.Of(before).IsStandAlone)
        {
            throw new ReplicatedCacheException(
                $"{_registration.Section}:{nameof(next.Role)} and {_registration.Section}:{nameof(next.Master)} are both gone. To make this node a master, set {nameof(next.Role)} to {ReplicationRole.Master}.");
        }
    }

    private void Report(IReadOnlyList<string> changed)
    {
        string[] later = [.. changed.Where(OptionsDifference.AtNextStart.Contains)];
        string[] now = [.. changed.Except(later)];
        if (now.Length > 0)
        {
            _logger.ConfigurationApplied(string.Join(", ", now));
        }

        if (later.Length > 0)
        {
            _logger.ConfigurationAtNextStart(string.Join(", ", later));
        }
    }

    private void Changed()
    {
        lock (_lock)
        {
            _changes++;
            if (!_isRunning && !_isDisposed)
            {
                _isRunning = true;
                _thread = LoopThread.Start("reload", _logger, Run);
            }
        }
    }

    private void Run()
    {
        while (true)
        {
            long seen = WaitUntilQuiet();
            lock (_lock)
            {
                if (_isDisposed)
                {
                    return;
                }
            }

            Apply();
            lock (_lock)
            {
                if (_changes == seen || _isDisposed)
                {
                    _isRunning = false;
                    return;
                }
            }
        }
    }

    private long WaitUntilQuiet()
    {
        long seen = Interlocked.Read(ref _changes);
        for (int round = 0; round < MaxRounds; round++)
        {
            _signal.Wait(QuietTime);
            long now = Interlocked.Read(ref _changes);
            if (now == seen)
            {
                break;
            }

            seen = now;
        }

        return seen;
    }
}
