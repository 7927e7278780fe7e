using EmbeddedRepl.Samples.Cluster.Nodes;

namespace EmbeddedRepl.Samples.Cluster.Scenario;

/// <summary>A replica dies without warning and comes back with nothing.</summary>
internal sealed class KillStep : IStep
{
    private static readonly TimeSpan Absence = TimeSpan.FromSeconds(2.5);

    /// <inheritdoc/>
    public string Title => "A replica is killed (SIGKILL) and comes back";

    /// <inheritdoc/>
    public async Task RunAsync(Demo demo, CancellationToken cancellationToken)
    {
        Node victim = demo.Nodes.Replicas[1];
        NodeReport?[] before = await demo.WaitUntilAllStreamAsync(cancellationToken);
        long readsBefore = demo.Traffic.Totals.ReplicaReads;
        long writesBefore = demo.Traffic.Totals.Writes;

        demo.Tell($"killing {victim.Name} (process {victim.ProcessId})");
        victim.Kill();
        await Task.Delay(Absence, cancellationToken);
        demo.Checks.That(
            "the other nodes served on meanwhile",
            demo.Traffic.Totals.ReplicaReads > readsBefore && demo.Traffic.Totals.Writes > writesBefore,
            $"{demo.Traffic.Totals.Writes - writesBefore:N0} writes, {demo.Traffic.Totals.ReplicaReads - readsBefore:N0} reads");

        victim.Start();
        demo.Tell($"{victim.Name} starts again with empty memory (process {victim.ProcessId})");
        NodeReport?[] after = await demo.WaitUntilAllStreamAsync(cancellationToken);
        victim.OpenToTraffic();
        demo.Tell($"{victim.Name} streams again with {after[2]!.EntryCount:N0} entries");
        demo.Checks.That(
            "it needed one full sync, the others none",
            after[0]!.SyncFull == before[0]!.SyncFull + 1
                && after[1]!.FullSyncsCompleted == 1 && after[2]!.FullSyncsCompleted == 1 && after[3]!.FullSyncsCompleted == 1,
            $"sync_full {before[0]!.SyncFull} → {after[0]!.SyncFull}");
        await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
    }
}
