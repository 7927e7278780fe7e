using EmbeddedRepl.Samples.Cluster.Nodes;

namespace EmbeddedRepl.Samples.Cluster.Scenario;

/// <summary>The nodes are asked to stop, the master last.</summary>
internal sealed class StopStep : IStep
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public string Title => "The nodes are asked to stop (SIGTERM)";

    /// <inheritdoc/>
    public async Task RunAsync(Demo demo, CancellationToken cancellationToken)
    {
        int?[] replicas = await Task.WhenAll(demo.Nodes.Replicas.Select(replica => replica.StopAsync(Limit)));
        int? master = await demo.Nodes.Master.StopAsync(Limit);
        if (!ProcessSignals.AreSupported)
        {
            demo.Tell("this system cannot ask a process to stop; they were ended");
            return;
        }

        int?[] exitCodes = [master, .. replicas];
        demo.Checks.That(
            "every process stopped in good order",
            exitCodes.All(code => code == 0),
            "exit codes " + string.Join(", ", exitCodes.Select(code => code?.ToString() ?? "none in time")));
    }
}
