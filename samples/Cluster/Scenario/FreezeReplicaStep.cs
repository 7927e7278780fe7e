using EmbeddedRepl.Samples.Cluster.Nodes;

namespace EmbeddedRepl.Samples.Cluster.Scenario;

/// <summary>A replica stops for so long that the master gives it up, while writes go on; then it gets what it missed.</summary>
internal sealed class FreezeReplicaStep : IStep
{
    /// <inheritdoc/>
    public string Title => "A replica freezes (SIGSTOP), is given up by the master, and thaws (SIGCONT)";

    /// <inheritdoc/>
    public async Task RunAsync(Demo demo, CancellationToken cancellationToken)
    {
        if (!ProcessSignals.AreSupported)
        {
            demo.Tell("skipped: this system cannot freeze a process");
            return;
        }

        NodeReport?[] before = await demo.WaitUntilAllStreamAsync(cancellationToken);
        long missed = await FreezeAsync(demo, demo.Nodes.Replicas[2], cancellationToken);
        NodeReport?[] after = await demo.WaitUntilAllStreamAsync(
            reports => reports[3]!.PartialResyncsCompleted + reports[3]!.FullSyncsCompleted
                > before[3]!.PartialResyncsCompleted + before[3]!.FullSyncsCompleted,
            cancellationToken);
        demo.Tell($"{demo.Nodes.Replicas[2].Name} has got the {missed:N0} bytes that it had missed, and streams");
        demo.Checks.That(
            "it got only what it missed",
            after[0]!.SyncFull == before[0]!.SyncFull
                && after[0]!.SyncPartialOk > before[0]!.SyncPartialOk
                && after[3]!.PartialResyncsCompleted > before[3]!.PartialResyncsCompleted,
            $"sync_full {before[0]!.SyncFull} → {after[0]!.SyncFull}, sync_partial_ok {before[0]!.SyncPartialOk} → {after[0]!.SyncPartialOk}");
    }

    /// <returns>How much was written while the replica was frozen, in bytes of stream.</returns>
    private static async Task<long> FreezeAsync(Demo demo, Node victim, CancellationToken cancellationToken)
    {
        NodeReport? atFreeze = await victim.TryGetReportAsync(cancellationToken);
        long writesBefore = demo.Traffic.Totals.Writes;
        victim.Freeze();
        demo.Tell($"{victim.Name} is frozen; a link may be silent for {ClusterNodes.LinkTimeout.TotalSeconds:N0} s");
        await demo.WaitUntilAsync(
            "the master gives up a replica that is silent",
            reports => reports[0] is { StreamingReplicas: 2 },
            cancellationToken);
        demo.Tell("the master has dropped it; the others are not held up");
        await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);

        NodeReport?[] reports = await demo.Nodes.GetReportsAsync(cancellationToken);
        long missed = (reports[0]?.ReplicationOffset ?? 0) - (atFreeze?.ReplicationOffset ?? 0);
        demo.Checks.That(
            "writes went on, and only the silent replica was dropped",
            demo.Traffic.Totals.Writes > writesBefore && reports[1] is { IsStreaming: true } && reports[2] is { IsStreaming: true },
            $"{demo.Traffic.Totals.Writes - writesBefore:N0} writes");
        victim.Thaw();
        return missed;
    }
}
