using EmbeddedRepl.Samples.Cluster.Nodes;

namespace EmbeddedRepl.Samples.Cluster.Scenario;

/// <summary>The roles are as they were in the beginning; nothing is loaded anew for it.</summary>
internal sealed class SwitchBackStep : IStep
{
    /// <inheritdoc/>
    public string Title => "Switching back: the old master is promoted, everybody follows it";

    /// <inheritdoc/>
    public async Task RunAsync(Demo demo, CancellationToken cancellationToken)
    {
        Node master = demo.Nodes.Master;
        await master.PromoteAsync(cancellationToken);
        foreach (Node replica in demo.Nodes.Replicas)
        {
            await replica.FollowAsync(demo.Nodes.ReplicationEndPoint, cancellationToken);
        }

        demo.Tell("the old master is the master again; all replicas were told to follow it");
        await demo.WaitUntilAllStreamAsync(cancellationToken);
        await demo.WriteSomeAsync(master, "back", cancellationToken);
        NodeReport?[] reports = await demo.CompareAsync([.. demo.Nodes.All], ["chain", "promoted", "returned", "back"], cancellationToken);
        demo.Checks.That(
            "every change of roles was a partial resync",
            reports[0] is { Role: "Master", SyncFull: 0 } && reports.Skip(1).All(report => report is { Role: "Replica", FullSyncsCompleted: 1 }),
            "no full sync for switching back");
        demo.Checks.That("no node ever found itself different", reports.All(report => report!.DigestMismatches == 0));
    }
}
