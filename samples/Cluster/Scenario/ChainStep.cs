using EmbeddedRepl.Samples.Cluster.Nodes;

namespace EmbeddedRepl.Samples.Cluster.Scenario;

/// <summary>Two replicas are told to follow the third one instead of the master.</summary>
internal sealed class ChainStep : IStep
{
    /// <inheritdoc/>
    public string Title => "A chain: replica-2 and replica-3 follow replica-1, which follows the master";

    /// <inheritdoc/>
    public async Task RunAsync(Demo demo, CancellationToken cancellationToken)
    {
        foreach (Node replica in demo.Nodes.Replicas.Skip(1))
        {
            await replica.FollowAsync(demo.Nodes.SubReplicationEndPoint, cancellationToken);
            demo.Tell($"{replica.Name} follows {demo.Nodes.Replicas[0].Name}");
        }

        await demo.WaitUntilAsync(
            "replica-1 streams to two replicas, the master to one",
            reports => reports[0] is { StreamingReplicas: 1 } && reports[1] is { StreamingReplicas: 2, IsStreaming: true },
            cancellationToken);
        await demo.WriteSomeAsync(demo.Nodes.Master, "chain", cancellationToken);
        NodeReport?[] reports = await demo.CompareAsync([.. demo.Nodes.All], ["chain"], cancellationToken);
        demo.Checks.That(
            "those who changed their master got only what they missed",
            reports.Skip(2).All(report => report is { FullSyncsCompleted: 1, PartialResyncsCompleted: >= 1 }),
            "no further full sync");
    }
}
