using System.Diagnostics;
using EmbeddedRepl.Samples.Cluster.Nodes;
using EmbeddedRepl.Samples.Cluster.Traffic;

namespace EmbeddedRepl.Samples.Cluster.Display;

/// <summary>Asks all nodes how they are, four times a second, and shows it.</summary>
internal sealed class Monitor : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly ClusterNodes _nodes;
    private readonly TrafficTotals _totals;
    private readonly Screen _screen;
    private readonly Dictionary<Node, RateMeter> _meters;
    private readonly Stopwatch _sinceStart = Stopwatch.StartNew();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    /// <summary>Starts to watch.</summary>
    public Monitor(ClusterNodes nodes, TrafficTotals totals, Screen screen)
    {
        _nodes = nodes;
        _totals = totals;
        _screen = screen;
        _meters = nodes.All.ToDictionary(node => node, _ => new RateMeter());
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Stops watching and takes the table off the screen.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _screen.HideTable();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        do
        {
            NodeStatus[] statuses = await Task.WhenAll(_nodes.All.Select(AskAsync));
            _screen.ShowTable(NodeTable.Draw(statuses, Footer()));
        }
        while (await timer.WaitForNextTickAsync(_stop.Token));
    }

    private async Task<NodeStatus> AskAsync(Node node)
    {
        NodeReport? report = await node.TryGetReportAsync(_stop.Token);
        NodeStats? stats = report is null ? null : await node.TryGetStatsAsync(_stop.Token);
        (double reads, double writes) = _meters[node].Sample(stats);
        return new NodeStatus(node, report, reads, writes);
    }

    private string Footer() =>
        $"{_sinceStart.Elapsed.TotalSeconds:N0} s · {_totals.Writes:N0} writes · {_totals.Reads:N0} reads verified · {_totals.WrongAnswers} wrong";
}
