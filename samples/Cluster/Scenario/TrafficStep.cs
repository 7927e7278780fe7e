using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using EmbeddedRepl.Samples.Cluster.Nodes;
using EmbeddedRepl.Samples.Cluster.Traffic;

namespace EmbeddedRepl.Samples.Cluster.Scenario;

/// <summary>Everyday life: writes at the master, reads everywhere, a write at the wrong node.</summary>
internal sealed class TrafficStep : IStep
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(4);

    /// <inheritdoc/>
    public string Title => "Writes at the master, reads at all four, every value verified";

    /// <inheritdoc/>
    public async Task RunAsync(Demo demo, CancellationToken cancellationToken)
    {
        demo.Traffic.Start();
        demo.Tell("HTTP traffic starts: writers at the master, readers at all four");
        await Task.Delay(Duration / 2, cancellationToken);

        await ShowVisibilityAsync(demo, cancellationToken);
        await ShowRefusalAsync(demo, cancellationToken);
        await Task.Delay(Duration / 2, cancellationToken);
        demo.Checks.That(
            "writes and reads are served",
            demo.Traffic.Totals is { Writes: > 0, ReplicaReads: > 0 },
            $"{demo.Traffic.Totals.Writes:N0} writes, {demo.Traffic.Totals.Reads:N0} reads so far");
    }

    private static async Task ShowVisibilityAsync(Demo demo, CancellationToken cancellationToken)
    {
        const string Key = "greeting";
        byte[] value = Encoding.UTF8.GetBytes("hello, replicas");
        await demo.Nodes.Master.PutEntryAsync(Key, value, "", cancellationToken);
        var waiting = Stopwatch.StartNew();
        foreach (Node replica in demo.Nodes.Replicas)
        {
            while (await replica.GetEntryAsync(Key, cancellationToken) is not { } found || !found.AsSpan().SequenceEqual(value))
            {
                if (waiting.Elapsed > TimeSpan.FromSeconds(10))
                {
                    throw new StepFailedException("a write at the master can be read on every replica", $"not on {replica.Name} within 10 s");
                }
            }
        }

        string took = $"{waiting.Elapsed.TotalMilliseconds:N0} ms";
        demo.Tell($"wrote 'greeting' at the master, had read it on all replicas {took} later");
        demo.Checks.That("a write at the master can be read on every replica", true, $"after {took}");
    }

    private static async Task ShowRefusalAsync(Demo demo, CancellationToken cancellationToken)
    {
        Node replica = demo.Nodes.Replicas[0];
        using var content = new StringContent("by mistake");
        using HttpResponseMessage response = await replica.Http.PutAsync("entries/greeting", content, cancellationToken);
        using var problem = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
        string? master = problem.RootElement.TryGetProperty("master", out JsonElement address) ? address.GetString() : null;
        demo.Tell($"write on {replica.Name}: refused with {(int)response.StatusCode}, the master is {master}");
        demo.Checks.That(
            "a write on a replica is refused, with the master's address",
            response.StatusCode == HttpStatusCode.Conflict && master == demo.Nodes.ReplicationEndPoint,
            $"HTTP {(int)response.StatusCode}");
    }
}
