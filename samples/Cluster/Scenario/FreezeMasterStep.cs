using System.Diagnostics;
using EmbeddedRepl.Samples.Cluster.Nodes;

namespace EmbeddedRepl.Samples.Cluster.Scenario;

/// <summary>The master stops answering for longer than a link may be silent, then goes on as if nothing had been.</summary>
internal sealed class FreezeMasterStep : IStep
{
    /// <inheritdoc/>
    public string Title => "The master freezes (SIGSTOP), is given up by the replicas, and thaws (SIGCONT)";

    /// <inheritdoc/>
    public async Task RunAsync(Demo demo, CancellationToken cancellationToken)
    {
        if (!ProcessSignals.AreSupported)
        {
            demo.Tell("skipped: this system cannot freeze a process");
            return;
        }

        NodeReport?[] before = await demo.WaitUntilAllStreamAsync(cancellationToken);
        await FreezeAsync(demo, cancellationToken);
        demo.Nodes.Master.Thaw();
        var thawed = Stopwatch.StartNew();
        demo.Tell("the master goes on");

        NodeReport?[] after = await demo.WaitUntilAllStreamAsync(cancellationToken);
        demo.Tell($"all replicas stream again, {thawed.Elapsed.TotalSeconds:N1} s after the thaw");
        long granted = after[0]!.SyncPartialOk - before[0]!.SyncPartialOk;
        demo.Checks.That(
            "all resynced partially",
            after[0]!.SyncFull == before[0]!.SyncFull
                && granted >= demo.Nodes.Replicas.Count
                && before.Zip(after).Skip(1).All(pair => pair.Second!.PartialResyncsCompleted > pair.First!.PartialResyncsCompleted
                    && pair.Second.FullSyncsCompleted == pair.First.FullSyncsCompleted),
            $"sync_full {before[0]!.SyncFull} → {after[0]!.SyncFull}, sync_partial_ok {before[0]!.SyncPartialOk} → {after[0]!.SyncPartialOk}");
        await Task.Delay(TimeSpan.FromSeconds(3), cancellationToken);
    }

    private static async Task FreezeAsync(Demo demo, CancellationToken cancellationToken)
    {
        long readsBefore = demo.Traffic.Totals.ReplicaReads;
        demo.Tell($"freezing the master; a link may be silent for {ClusterNodes.LinkTimeout.TotalSeconds:N0} s");
        demo.Nodes.Master.Freeze();
        await demo.WaitUntilReplicasAsync(
            "the replicas notice that the master is silent", replica => !replica.IsStreaming, cancellationToken);
        demo.Tell("all replicas have noticed, and serve reads from what they have");
        await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);

        long reads = demo.Traffic.Totals.ReplicaReads - readsBefore;
        demo.Checks.That("the replicas served reads without their master", reads > 0, $"{reads:N0} reads");
    }
}
