using EmbeddedRepl.Samples.Cluster.Display;
using EmbeddedRepl.Samples.Cluster.Nodes;
using EmbeddedRepl.Samples.Cluster.Scenario;
using EmbeddedRepl.Samples.Cluster.Traffic;
using Monitor = EmbeddedRepl.Samples.Cluster.Display.Monitor;

namespace EmbeddedRepl.Samples.Cluster;

/// <summary>The whole demo, from the first line to the exit code.</summary>
internal static class DemoRun
{
    private const int Success = 0;
    private const int ChecksFailed = 1;
    private const int Interrupted = 130;

    /// <summary>Runs the demo; nothing of it is left when it returns.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(DemoOptions options, CancellationToken cancellationToken)
    {
        using var screen = Screen.Create(options.Plain);
        using var logs = new LogFolder();
        using var nodes = new ClusterNodes(logs.Path);
        await using var traffic = new TrafficGenerator(nodes);
        await using var monitor = new Monitor(nodes, traffic.Totals, screen);
        var checks = new Checks(screen);

        bool isShown = false;
        WriteIntroduction(screen);
        try
        {
            await new Demo(nodes, traffic, checks, screen).RunAsync(
                Scenarios.Create(options.Scenario, options.Keep), cancellationToken);
            if (!options.Keep)
            {
                await monitor.StopAsync();
            }

            WriteSummary(screen, checks);
            isShown = true;
            if (checks.Failed > 0)
            {
                logs.Show(screen, nodes);
            }

            if (options.Keep)
            {
                WriteInvitation(screen, nodes);
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await monitor.StopAsync();
            if (!isShown)
            {
                screen.WriteLine("Interrupted; the nodes are being ended.");
                return Interrupted;
            }
        }
        catch (Exception)
        {
            logs.Show(screen, nodes);
            throw;
        }

        return checks.Failed == 0 ? Success : ChecksFailed;
    }

    private static void WriteIntroduction(Screen screen)
    {
        screen.WriteLine();
        screen.WriteLine(Style.Bold("EmbeddedRepl: one cache, inside every instance of a service, equal in all."));
        screen.WriteLine("One master and three replicas of samples/WebApi, four processes. Half a minute.");
    }

    private static void WriteSummary(Screen screen, Checks checks)
    {
        screen.WriteLine();
        screen.WriteLine(Style.Bold("──── What was shown ────────────────────────────────────────────────────────────"));
        checks.WriteSummary();
    }

    private static void WriteInvitation(Screen screen, ClusterNodes nodes)
    {
        string master = nodes.Master.Url.ToString();
        string replica = nodes.Replicas[^1].Url.ToString();
        screen.WriteLine();
        screen.WriteLine("The nodes keep running. Try them, and end everything with Ctrl-C:");
        screen.WriteLine($"  curl -X PUT '{master}entries/hello?ttl=60s' -d 'world'");
        screen.WriteLine($"  curl {replica}entries/hello");
        screen.WriteLine($"  curl -i -X PUT {replica}entries/hello -d 'refused here'");
        screen.WriteLine($"  curl {master}replication/text");
        screen.WriteLine($"  curl {replica}health");
        screen.WriteLine();
        foreach (Node node in nodes.All)
        {
            screen.WriteLine($"  {node.Name,-9}  {node.Url}  {Style.Dim(node.LogFile)}");
        }
    }
}
