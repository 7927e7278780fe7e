using EmbeddedRepl.Samples.Cluster.Nodes;

namespace EmbeddedRepl.Samples.Cluster.Traffic;

/// <summary>Sends requests to one node at a steady pace for as long as the node takes traffic.</summary>
internal static class TrafficLoop
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    /// <summary>Runs until <paramref name="stop"/>; a request that is under way then is finished first.</summary>
    /// <param name="node">Where the requests go.</param>
    /// <param name="perTick">How many requests to send, one after the other, every 10 ms; fewer where the machine is slower.</param>
    /// <param name="request">Sends one request.</param>
    /// <param name="totals">Receives what failed.</param>
    /// <param name="stop">Ends the loop.</param>
    /// <param name="abort">Gives up the request that is under way.</param>
    public static async Task RunAsync(
        Node node,
        int perTick,
        Func<CancellationToken, Task> request,
        TrafficTotals totals,
        CancellationToken stop,
        CancellationToken abort)
    {
        // Makes room for the other loops before the first request.
        await Task.Yield();
        using var timer = new PeriodicTimer(Tick);
        while (!stop.IsCancellationRequested && !abort.IsCancellationRequested)
        {
            for (int sent = 0; sent < perTick; sent++)
            {
                await SendAsync(node, request, totals, abort);
            }

            await timer.WaitForNextTickAsync(abort);
        }
    }

    private static async Task SendAsync(
        Node node, Func<CancellationToken, Task> request, TrafficTotals totals, CancellationToken abort)
    {
        // In this order: a node that is taken down after the second line has another count by the time a request fails for it.
        int timesTakenDown = node.TimesTakenDown;
        if (node.Condition is not (NodeCondition.Serving or NodeCondition.Frozen))
        {
            return;
        }

        try
        {
            await request(abort);
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            if (node.TimesTakenDown != timesTakenDown)
            {
                totals.CountInterrupted();
            }
            else
            {
                totals.CountFailure($"{node.Name} did not serve a request: {exception.Message}");
            }
        }
    }
}
