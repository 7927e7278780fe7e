using System.Diagnostics;
using System.Globalization;
using EmbeddedRepl.FaultRun.Cluster;
using EmbeddedRepl.FaultRun.Faults;
using EmbeddedRepl.FaultRun.Network;
using EmbeddedRepl.NodeProcess;
using EmbeddedRepl.NodeProcess.Clients;

namespace EmbeddedRepl.FaultRun;

/// <summary>Lets faults happen while clients call, then lets everything heal, and waits until all nodes are equal.</summary>
internal sealed class FaultRunner : IDisposable
{
    // About 60 faults in three minutes.
    private const double MeanPause = 3;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan OperatorPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ExpirationTime = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan EqualLimit = TimeSpan.FromSeconds(90);

    private readonly RunOptions _options;
    private readonly CancellationToken _cancellation;
    private readonly TextWriter _output;
    private readonly Random _random;
    private readonly INodeNetwork _network;
    private readonly FaultCluster _cluster;
    private readonly Operator _people;
    private readonly List<(long Until, long Began, Fault Fault)> _going = [];
    private long _operatorAt;

    public FaultRunner(RunOptions options, string logs, TextWriter output, CancellationToken cancellation)
    {
        _options = options;
        _cancellation = cancellation;
        _output = output;
        _random = new Random(options.Seed);
        string reason = "as asked for";
        _network = (options.UsesLoopback ? null : NamespaceNetwork.TryCreate(options.Nodes, out reason)) ?? (INodeNetwork)new LoopbackNetwork(options.Nodes, reason);
        try
        {
            _cluster = new FaultCluster(options, _network, logs);
        }
        catch
        {
            _network.Dispose();
            throw;
        }

        _people = new Operator(_cluster);
        _output.WriteLine($"network: {_network.Description}");
    }

    /// <summary>How often which fault happened.</summary>
    public SortedDictionary<string, int> Faults { get; } = new(StringComparer.Ordinal);

    /// <summary>What went wrong beyond what the logs of the clients can tell.</summary>
    public List<string> Failures { get; } = [];

    public string Summary => string.Create(CultureInfo.InvariantCulture, $"{_people.Failovers} failovers, {_people.Refusals} refusals decided by the operator");

    public long EqualAfterMilliseconds { get; private set; }

    public void Run()
    {
        _cluster.Start([.. Enumerable.Range(0, _options.Nodes)]);
        LetFaultsHappen();
        Heal();
        WaitUntilEqual();
        foreach (ClusterNode node in _cluster.Nodes)
        {
            string named = node.Tell("dump");
            _cluster.Log.Note($"node {node.Number} names {named} keys");
            if (node.TryStatus() is { } status && status.EntryCount.ToString(CultureInfo.InvariantCulture) != named)
            {
                Failures.Add($"P5: node {node.Number} counts {status.EntryCount} entries and names {named}");
            }
        }

        foreach (ClusterNode node in _cluster.Nodes)
        {
            node.Stop();
            if (node.Log.Contains("DigestMismatch", StringComparison.Ordinal) || node.Log.Contains("digest differs", StringComparison.OrdinalIgnoreCase))
            {
                Failures.Add($"P1: node {node.Number} logged that its digest differs from its master's");
            }
        }
    }

    /// <summary>Writes down what every node logged.</summary>
    public void KeepLogs(string folder)
    {
        foreach (ClusterNode node in _cluster.Nodes)
        {
            File.WriteAllText(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"node{node.Number}.txt")), node.Log);
        }
    }

    public void Dispose()
    {
        _cluster.Dispose();
        _network.Dispose();
    }

    private void LetFaultsHappen()
    {
        var drawer = new FaultDrawer(_cluster, _people, _random);
        long start = Stopwatch.GetTimestamp();
        double next = MeanPause;
        while (Stopwatch.GetElapsedTime(start) < _options.Duration)
        {
            if (Stopwatch.GetElapsedTime(start).TotalSeconds >= next)
            {
                next += MeanPause * (0.2 + (1.6 * _random.NextDouble()));
                if (drawer.Next() is { } fault)
                {
                    Begin(fault);
                }
            }

            LetPass();
        }
    }

    private void Begin(Fault fault)
    {
        long began = MonotonicClock.Now;
        Faults[fault.Kind] = Faults.GetValueOrDefault(fault.Kind) + 1;
        _cluster.Log.Note($"{fault.Kind}: {string.Join(',', fault.Nodes)} for {fault.Lasts}");
        fault.Begin();
        _going.Add((MonotonicClock.Now + (long)fault.Lasts.TotalMicroseconds, began, fault));
    }

    private void EndFaults(bool all)
    {
        foreach ((long until, long began, Fault fault) in _going.ToArray())
        {
            if (all || until <= MonotonicClock.Now)
            {
                _going.Remove((until, began, fault));
                fault.End();
                _cluster.Log.Fault(began, fault.Kind.Replace(' ', '-'), fault.Nodes);
            }
        }
    }

    /// <summary>A moment in which what is due ends, and the operator does what is to be done.</summary>
    private void LetPass()
    {
        _cancellation.ThrowIfCancellationRequested();
        EndFaults(all: false);
        foreach (ClusterNode node in _cluster.Nodes)
        {
            if (node.HasCrashed)
            {
                throw new InvalidOperationException($"Node {node.Number} ended by itself.");
            }
        }

        if (MonotonicClock.Now >= _operatorAt)
        {
            _people.Reconcile();
            _people.DecideRefusals();
            _operatorAt = MonotonicClock.Now + (long)OperatorPause.TotalMicroseconds;
        }

        Thread.Sleep(Tick);
    }

    private void Heal()
    {
        EndFaults(all: true);
        _cluster.Log.Note("all faults are over");
    }

    private void WaitUntilEqual()
    {
        long start = Stopwatch.GetTimestamp();
        while (!_cluster.Nodes.All(IsSettled) && Stopwatch.GetElapsedTime(start) < EqualLimit)
        {
            LetPass();
        }

        foreach (ClusterNode node in _cluster.Nodes)
        {
            node.Tell("calls-end");
        }

        // What expires, expires through the stream; then nothing changes any more.
        Thread.Sleep(ExpirationTime);
        string[] states = States();
        while (states.Distinct().Count() > 1 && Stopwatch.GetElapsedTime(start) < EqualLimit)
        {
            LetPass();
            states = States();
        }

        EqualAfterMilliseconds = (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        if (states.Distinct().Count() > 1)
        {
            Failures.Add($"P5: not equal {EqualLimit.TotalSeconds} s after the last fault: {string.Join("; ", states)}");
        }

        foreach (ClusterNode node in _cluster.Nodes)
        {
            if (node.TryStatus() is { DigestMismatches: > 0 } status)
            {
                Failures.Add($"P1: node {node.Number} counted {status.DigestMismatches} differences of digests");
            }
        }
    }

    private bool IsSettled(ClusterNode node) => node.TryStatus() is { } status
        && (node.Number == _cluster.Master ? status.RecoveryState == nameof(RecoveryState.None) : status.LinkState == nameof(ReplicationLinkState.Streaming));

    private string[] States() =>
        [.. _cluster.Nodes.Select(node => node.TryStatus() is { } status ? string.Create(CultureInfo.InvariantCulture, $"{status.Id}:{status.Offset} {status.Digest} {status.EntryCount}") : $"node {node.Number} does not answer")];
}
