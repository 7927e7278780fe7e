using EmbeddedRepl.Samples.Cluster.Nodes;

namespace EmbeddedRepl.Samples.Cluster.Scenario;

/// <summary>The old master comes back and becomes a replica of the new one.</summary>
internal sealed class ReturnStep : IStep
{
    /// <inheritdoc/>
    public string Title => "The old master returns, with empty memory, and follows the new one";

    /// <inheritdoc/>
    public async Task RunAsync(Demo demo, CancellationToken cancellationToken)
    {
        Node old = demo.Nodes.Master;
        old.Start();
        await demo.WaitUntilAsync("the old master answers", reports => reports[0] is not null, cancellationToken);
        old.OpenToTraffic();
        await old.FollowAsync(demo.Nodes.SubReplicationEndPoint, cancellationToken);
        demo.Tell("the old master was told to follow replica-1");
        await demo.WriteSomeAsync(demo.Nodes.Replicas[0], "returned", cancellationToken);
        NodeReport?[] reports = await demo.CompareAsync([.. demo.Nodes.All], ["chain", "promoted", "returned"], cancellationToken);
        demo.Checks.That(
            "it needed one full sync, the others none",
            reports[0] is { Role: "Replica", FullSyncsCompleted: 1 } && reports.Skip(2).All(report => report is { FullSyncsCompleted: 1 }),
            $"replica-1 has sent {reports[1]!.SyncFull} full sync");
    }
}
