using EmbeddedRepl.FaultRun.Cluster;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.FaultRun.Faults;

/// <summary>What happens on the ways between nodes: below connections where the machine allows it, and in our own proxy.</summary>
internal sealed class WayFaults(FaultCluster cluster, Random random)
{
    public Fault? SilenceBothWays() => Silence("silence both ways (interface down)", bothWays: true);

    public Fault? SilenceOneWay() => Silence("silence one way (blackhole routes)", bothWays: false);

    public Fault? StallProxy() => OnProxy("proxy: silence", 5, proxy =>
    {
        bool isUp = random.Next(3) != 0;
        bool isDown = !isUp || random.Next(2) == 0;
        return (
            () =>
            {
                proxy.ToTarget.IsStalled = isUp;
                proxy.ToClient.IsStalled = isDown;
            },
            () => proxy.Stall(false));
    });

    public Fault? SlowProxy() => OnProxy("proxy: delay, jitter, small pieces", 8, proxy =>
    {
        TimeSpan delay = TimeSpan.FromMilliseconds(random.Next(1, 60));
        int piece = random.Next(1, 2_000);
        long rate = random.Next(2) == 0 ? 0 : random.Next(20_000, 500_000);
        return (
            () =>
            {
                foreach (FaultDirection direction in Directions(proxy))
                {
                    (direction.Delay, direction.MaxPiece, direction.BytesPerSecond) = (delay, piece, rate);
                }
            },
            () =>
            {
                foreach (FaultDirection direction in Directions(proxy))
                {
                    (direction.Delay, direction.MaxPiece, direction.BytesPerSecond) = (TimeSpan.Zero, int.MaxValue, 0);
                }
            }
        );
    });

    public Fault? CorruptProxy() => Repeated("proxy: corrupted bytes", direction => direction.FlipNext());

    public Fault? CutProxy() => Repeated("proxy: cuts and resets", direction => direction.CutNext());

    private static FaultDirection[] Directions(FaultProxy proxy) => [proxy.ToTarget, proxy.ToClient];

    private Fault? Silence(string kind, bool bothWays)
    {
        ClusterNode[] fit = [.. cluster.Nodes.Where(node => node.IsRunning && !node.IsCutOff)];
        if (!cluster.Network.CanSilence || fit.Length == 0)
        {
            return null;
        }

        ClusterNode node = fit[random.Next(fit.Length)];
        return new Fault(
            kind,
            [node.Number],
            TimeSpan.FromSeconds(random.NextDouble() * 6),
            () =>
            {
                node.IsCutOff = true;
                cluster.Network.Silence(node.Number, bothWays);
            },
            () =>
            {
                cluster.Network.EndSilence(node.Number);
                node.IsCutOff = false;
            });
    }

    /// <summary>Something that is done once to a connection, several times in a row, at moments that nobody chooses.</summary>
    private Fault? Repeated(string kind, Action<FaultDirection> strike) => OnProxy(kind, 0, proxy =>
    {
        int times = random.Next(1, 6);
        return (
            () =>
            {
                for (int i = 0; i < times; i++)
                {
                    strike(Directions(proxy)[random.Next(2)]);
                    Thread.Sleep(random.Next(60));
                }
            },
            static () => { }
        );
    });

    private Fault? OnProxy(string kind, double longest, Func<FaultProxy, (Action Begin, Action End)> make)
    {
        int[] fit = [.. cluster.Nodes.Select(node => node.Number).Where(node => cluster.ProxyOf(node) is { OpenConnections: > 0 })];
        if (fit.Length == 0)
        {
            return null;
        }

        int chosen = fit[random.Next(fit.Length)];
        (Action begin, Action end) = make(cluster.ProxyOf(chosen)!);
        return new Fault(kind, [chosen], TimeSpan.FromSeconds(random.NextDouble() * longest), begin, end);
    }
}
