using System.Diagnostics;
using EmbeddedRepl.Samples.Cluster.Nodes;

namespace EmbeddedRepl.Samples.Cluster.Scenario;

/// <summary>A master gets data; replicas arrive later and load it.</summary>
internal sealed class StartStep : IStep
{
    /// <inheritdoc/>
    public string Title => "A master, and three replicas that load its data";

    /// <inheritdoc/>
    public async Task RunAsync(Demo demo, CancellationToken cancellationToken)
    {
        Node master = demo.Nodes.Master;
        master.Start();
        await demo.WaitUntilAsync("the master answers", reports => reports[0] is { IsReady: true }, cancellationToken);
        master.OpenToTraffic();
        demo.Tell($"master is up at {master.Url} (process {master.ProcessId})");

        await demo.Traffic.FillAsync(cancellationToken);
        int written = demo.Traffic.Ledger.InitialCount;
        demo.Tell($"wrote {written:N0} entries to it over HTTP");

        var starting = Stopwatch.StartNew();
        foreach (Node replica in demo.Nodes.Replicas)
        {
            replica.Start();
        }

        NodeReport?[] reports = await demo.WaitUntilAllStreamAsync(cancellationToken);
        foreach (Node replica in demo.Nodes.Replicas)
        {
            replica.OpenToTraffic();
            demo.Tell($"{replica.Name} is up at {replica.Url} (process {replica.ProcessId})");
        }

        demo.Tell($"all three stream, {starting.Elapsed.TotalSeconds:N1} s after their processes were started");
        demo.Checks.That(
            "each replica was loaded by exactly one full sync",
            reports[0]!.SyncFull == 3 && reports.Skip(1).All(report => report!.FullSyncsCompleted == 1),
            $"sync_full {reports[0]!.SyncFull}");
        demo.Checks.That(
            "all four nodes hold what was written",
            reports.All(report => report!.EntryCount == written),
            $"{written:N0} entries");
    }
}
