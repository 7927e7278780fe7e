using System.Net.Http.Json;

namespace EmbeddedRepl.Samples.Cluster.Nodes;

/// <summary>
/// One node of the demo, across all runs of its process. The scenario starts and stops it; everything that only looks at
/// the node or talks to it may be used from any thread.
/// </summary>
internal sealed class Node : IDisposable
{
    private static readonly TimeSpan ReportTimeout = TimeSpan.FromSeconds(1);

    private readonly string[] _arguments;
    private readonly Dictionary<string, string> _environment;
    private readonly OrphanGuard _guard;
    private ServiceProcess? _process;
    private volatile NodeCondition _condition;
    private int _timesTakenDown;

    /// <summary>Describes a node; starts nothing.</summary>
    /// <param name="name">What the demo calls it.</param>
    /// <param name="url">Where it will answer.</param>
    /// <param name="isMaster">Whether it takes writes.</param>
    /// <param name="settings">Its section <c>ReplicatedCache</c>.</param>
    /// <param name="password">What master and replicas prove to each other that they know.</param>
    /// <param name="logFile">Receives what its processes print.</param>
    /// <param name="guard">Watches over its processes.</param>
    public Node(
        string name,
        Uri url,
        bool isMaster,
        IEnumerable<KeyValuePair<string, string>> settings,
        string password,
        string logFile,
        OrphanGuard guard)
    {
        Name = name;
        IsMaster = isMaster;
        LogFile = logFile;
        _guard = guard;
        _arguments =
        [
            "--urls", url.GetLeftPart(UriPartial.Authority),
            "--Operator=true",
            .. settings.Select(setting => $"--ReplicatedCache:{setting.Key}={setting.Value}"),
        ];

        // A password does not belong on a command line, which every user of the machine can read.
        _environment = new() { ["ReplicatedCache__Password"] = password };
        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(5) })
        {
            BaseAddress = url,

            // Longer than the demo ever freezes a node: requests to a frozen node are answered when it is thawed.
            Timeout = TimeSpan.FromSeconds(60),
        };
    }

    /// <summary>What the demo calls it.</summary>
    public string Name { get; }

    /// <summary>Whether it takes writes.</summary>
    public bool IsMaster { get; }

    /// <summary>Where it answers.</summary>
    public Uri Url => Http.BaseAddress!;

    /// <summary>Talks to it.</summary>
    public HttpClient Http { get; }

    /// <summary>Holds what its processes printed.</summary>
    public string LogFile { get; }

    /// <summary>What the demo has done with its process.</summary>
    public NodeCondition Condition => _condition;

    /// <summary>How often it was killed or stopped; a request that fails while this changes has not failed.</summary>
    public int TimesTakenDown => Volatile.Read(ref _timesTakenDown);

    /// <summary>The operating system's number of its process; 0 without one.</summary>
    public int ProcessId { get; private set; }

    /// <summary>Whether its process ended although nobody asked it to.</summary>
    public bool HasCrashed => _condition != NodeCondition.Down && _process is { HasExited: true };

    /// <summary>Starts its process.</summary>
    public void Start()
    {
        _process = new ServiceProcess(_arguments, _environment, LogFile, _guard);
        ProcessId = _process.Id;
        _condition = NodeCondition.Starting;
    }

    /// <summary>Lets traffic at it.</summary>
    public void OpenToTraffic() => _condition = NodeCondition.Serving;

    /// <summary>Makes it a master for this run.</summary>
    /// <exception cref="HttpRequestException">It did not answer, or refused.</exception>
    public Task PromoteAsync(CancellationToken cancellationToken) => OrderAsync("replication/promote", cancellationToken);

    /// <summary>Makes it follow another node for this run.</summary>
    /// <exception cref="HttpRequestException">It did not answer, or refused.</exception>
    public Task FollowAsync(string master, CancellationToken cancellationToken) => OrderAsync($"replication/follow?master={master}", cancellationToken);

    /// <summary>Kills its process (SIGKILL). Whatever it held in memory is lost.</summary>
    public void Kill()
    {
        TakeDown();
        _process?.Dispose();
        _process = null;
    }

    /// <summary>Stops its process in the middle of whatever it does (SIGSTOP).</summary>
    public void Freeze()
    {
        _condition = NodeCondition.Frozen;
        ProcessSignals.Freeze(ProcessId);
    }

    /// <summary>Lets its process go on (SIGCONT).</summary>
    public void Thaw()
    {
        ProcessSignals.Thaw(ProcessId);
        _condition = NodeCondition.Serving;
    }

    /// <summary>Asks its process to stop (SIGTERM) and waits for it; kills it where it cannot be asked.</summary>
    /// <returns>The exit code, or null if the process did not end in time or could not be asked.</returns>
    public async Task<int?> StopAsync(TimeSpan timeout)
    {
        TakeDown();
        int? exitCode = null;
        if (_process is not null && ProcessSignals.AreSupported && !_process.HasExited)
        {
            ProcessSignals.Terminate(_process.Id);
            using var limit = new CancellationTokenSource(timeout);
            try
            {
                exitCode = await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                // The kill below ends it.
            }
        }

        _process?.Dispose();
        _process = null;
        return exitCode;
    }

    /// <summary>Asks it about its replication.</summary>
    /// <returns>The answer, or null if there is none within a second.</returns>
    public Task<NodeReport?> TryGetReportAsync(CancellationToken cancellationToken) =>
        TryAskAsync(limit => Http.GetFromJsonAsync("replication", NodeJsonContext.Default.NodeReport, limit), cancellationToken);

    /// <summary>Asks it what it has served.</summary>
    /// <returns>The answer, or null if there is none within a second.</returns>
    public Task<NodeStats?> TryGetStatsAsync(CancellationToken cancellationToken) =>
        TryAskAsync(limit => Http.GetFromJsonAsync("stats", NodeJsonContext.Default.NodeStats, limit), cancellationToken);

    /// <summary>Kills its process if there is one.</summary>
    public void Dispose()
    {
        TakeDown();
        _process?.Dispose();
        Http.Dispose();
    }

    private async Task OrderAsync(string order, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await Http.PostAsync(order, content: null, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    private async Task<T?> TryAskAsync<T>(Func<CancellationToken, Task<T?>> ask, CancellationToken cancellationToken)
        where T : class
    {
        // A node that is frozen would get all the questions at once when it is thawed.
        if (_condition is NodeCondition.Down or NodeCondition.Frozen)
        {
            return null;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ReportTimeout);
        try
        {
            return await ask(limit.Token);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    private void TakeDown()
    {
        // In this order: see TrafficLoop, which reads the two the other way round.
        _condition = NodeCondition.Down;
        ProcessId = 0;
        Interlocked.Increment(ref _timesTakenDown);
    }
}
