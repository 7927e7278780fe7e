using System.Diagnostics;
using EmbeddedRepl.Samples.Cluster.Display;
using EmbeddedRepl.Samples.Cluster.Nodes;
using EmbeddedRepl.Samples.Cluster.Traffic;

namespace EmbeddedRepl.Samples.Cluster.Scenario;

/// <summary>What the steps work with.</summary>
internal sealed class Demo
{
    /// <summary>How long anything may take that normally takes a moment; generous, because build machines are slow.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Screen _screen;
    private readonly Stopwatch _sinceStart = Stopwatch.StartNew();

    /// <summary>Puts the pieces together; starts nothing.</summary>
    public Demo(ClusterNodes nodes, TrafficGenerator traffic, Checks checks, Screen screen)
    {
        Nodes = nodes;
        Traffic = traffic;
        Checks = checks;
        _screen = screen;
    }

    /// <summary>The master and its replicas.</summary>
    public ClusterNodes Nodes { get; }

    /// <summary>Their clients.</summary>
    public TrafficGenerator Traffic { get; }

    /// <summary>What was checked.</summary>
    public Checks Checks { get; }

    /// <summary>Runs the steps one after the other.</summary>
    public async Task RunAsync(IEnumerable<IStep> steps, CancellationToken cancellationToken)
    {
        foreach (IStep step in steps)
        {
            _screen.WriteLine();
            _screen.WriteLine(Style.Bold(step.Title));
            Checks.BeginStep(step.Title);
            try
            {
                await step.RunAsync(this, cancellationToken);
            }
            catch (StepFailedException failure)
            {
                Checks.That(failure.Message, holds: false, failure.Situation);
                await DescribeNodesAsync(cancellationToken);
                return;
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException
                || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                Checks.That("the nodes answer", holds: false, failure.Message);
                await DescribeNodesAsync(cancellationToken);
                return;
            }
        }
    }

    /// <summary>Adds an event, with its time, to the story.</summary>
    public void Tell(string line) => Say($"{Style.Dim($"{_sinceStart.Elapsed.TotalSeconds,4:N1} s")}  {line}");

    /// <summary>Adds a line to the story.</summary>
    public void Say(string line) => _screen.WriteLine("  " + line);

    /// <summary>Waits until the nodes are as they should be.</summary>
    /// <param name="expectation">What is waited for, in words.</param>
    /// <param name="holds">Whether it is so; the reports are in the order of the nodes, null for no answer.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The reports for which it was so.</returns>
    /// <exception cref="StepFailedException">It was not so for a long time, or a process ended.</exception>
    public async Task<NodeReport?[]> WaitUntilAsync(
        string expectation, Func<NodeReport?[], bool> holds, CancellationToken cancellationToken)
    {
        var waiting = Stopwatch.StartNew();
        while (true)
        {
            NodeReport?[] reports = await Nodes.GetReportsAsync(cancellationToken);
            if (holds(reports))
            {
                return reports;
            }

            if (Nodes.All.FirstOrDefault(node => node.HasCrashed) is { } crashed)
            {
                throw new StepFailedException(expectation, $"the process of {crashed.Name} has ended by itself");
            }

            if (waiting.Elapsed > Patience)
            {
                throw new StepFailedException(expectation, $"not within {Patience.TotalSeconds:N0} s");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
        }
    }

    /// <summary>Waits until all replicas are attached to the master and hold its data.</summary>
    public Task<NodeReport?[]> WaitUntilAllStreamAsync(CancellationToken cancellationToken) =>
        WaitUntilAllStreamAsync(_ => true, cancellationToken);

    /// <summary>Waits until all replicas are attached to the master and hold its data, and something else is so too.</summary>
    /// <param name="also">What else; sees reports of all nodes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<NodeReport?[]> WaitUntilAllStreamAsync(
        Func<NodeReport?[], bool> also, CancellationToken cancellationToken) => WaitUntilAsync(
        "all replicas stream from the master",
        reports => reports[0] is { } master
            && master.StreamingReplicas == Nodes.Replicas.Count
            && reports.Skip(1).All(report => report is { IsReady: true, IsStreaming: true })
            && also(reports),
        cancellationToken);

    /// <summary>Waits until all replicas are as they should be, whatever the master does.</summary>
    /// <inheritdoc cref="WaitUntilAsync"/>
    public Task WaitUntilReplicasAsync(
        string expectation, Func<NodeReport, bool> holds, CancellationToken cancellationToken) => WaitUntilAsync(
        expectation,
        reports => reports.Skip(1).All(report => report is not null && holds(report)),
        cancellationToken);

    private async Task DescribeNodesAsync(CancellationToken cancellationToken)
    {
        NodeReport?[] reports = await Nodes.GetReportsAsync(cancellationToken);
        foreach ((Node node, NodeReport? report) in Nodes.All.Zip(reports))
        {
            Say("  " + (report is null
                ? $"{node.Name} does not answer"
                : $"{node.Name}: {(node.IsMaster ? "up" : report.LinkState)}, offset {report.ReplicationOffset:N0}, "
                    + $"{report.EntryCount:N0} entries {report.LinkDownReason}"));
        }

        Say("  The rest of the demo is left out.");
    }
}
