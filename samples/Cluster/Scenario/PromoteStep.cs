using EmbeddedRepl.Samples.Cluster.Nodes;

namespace EmbeddedRepl.Samples.Cluster.Scenario;

/// <summary>The master stops; a replica takes its place.</summary>
internal sealed class PromoteStep : IStep
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public string Title => "The master stops, and replica-1 is promoted";

    /// <inheritdoc/>
    public async Task RunAsync(Demo demo, CancellationToken cancellationToken)
    {
        Node promoted = demo.Nodes.Replicas[0];
        string historyBefore = (await promoted.TryGetReportAsync(cancellationToken))?.ReplicationId ?? "";
        await demo.Nodes.Master.StopAsync(StopLimit);
        demo.Tell("the master has stopped; the replicas stay replicas and serve reads");
        await demo.WaitUntilAsync("replica-1 reports its link as down", reports => reports[1] is { IsStreaming: false }, cancellationToken);
        demo.Checks.That(
            "a replica without its master still answers",
            await demo.Nodes.Replicas[2].Http.GetAsync("entries/chain:0", cancellationToken) is { IsSuccessStatusCode: true });

        await promoted.PromoteAsync(cancellationToken);
        demo.Tell("replica-1 is promoted: it goes on from what it has, under a new id");
        await demo.WriteSomeAsync(promoted, "promoted", cancellationToken);
        NodeReport?[] reports = await demo.CompareAsync([.. demo.Nodes.Replicas], ["chain", "promoted"], cancellationToken);
        demo.Checks.That(
            "it is a master with a history of its own, and its replicas did not even reconnect",
            reports[1] is { Role: "Master" } report && report.ReplicationId != historyBefore
                && reports.Skip(2).All(replica => replica is { IsStreaming: true, FullSyncsCompleted: 1 }),
            $"{historyBefore[..8]} → {reports[1]!.ReplicationId[..8]}");
    }
}
