using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Faults;

public class OutputLimitTests
{
    private const int Limit = 1 << 20;
    private const int ValueSize = 10_000;

    /// <summary>What systems and the proxy take off the master's hands before anything waits in it.</summary>
    private const int MostWrites = 20_000;

    [Fact]
    [Trait("Behaviour", "G5")]
    public void Master_ReplicaPassesTheOutputLimit_DropsItOnceAndItSyncsAgain()
    {
        using var log = new TraceLog();
        using TestNode master = TestNode.Master(
            options =>
            {
                options.BacklogSize = Limit / 4;
                options.ReplicaOutputLimit = Limit;
                options.ReplicaOutputSoftLimit = Limit;
                options.LinkTimeout = TimeSpan.FromMinutes(10);
            },
            log);
        using TestNode other = TestNode.Replica(master.EndPoint).WaitForStreaming();
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 6);
        using TestNode slow = TestNode.Replica(proxy.EndPoint.ToString(), options => options.LinkTimeout = TimeSpan.FromMinutes(10)).WaitForStreaming();
        proxy.ToClient.IsStalled = true;

        long mostRetained = 0;
        int writes = 0;
        for (; master.Info.OutputLimitDisconnects == 0; writes++)
        {
            Assert.True(writes < MostWrites, "The limit is never enforced.");
            master.Set($"k {writes % 100}", new byte[ValueSize]);
            mostRetained = Math.Max(mostRetained, master.Info.BacklogLength);
            if (writes % 20 == 0)
            {
                // The other replica keeps up, so that it is the slow one that the limit is about.
                other.WaitUntilEqualTo(master);
            }
        }

        proxy.ToClient.IsStalled = false;
        slow.WaitUntil(() => slow.Info.FullSyncsCompleted == 2, () => slow.Info.ToString()).WaitForStreaming().WaitUntilEqualTo(master);
        other.WaitUntilEqualTo(master);
        master.Set("after", [1]);
        slow.WaitUntilEqualTo(master);

        Assert.Equal(1, master.Info.OutputLimitDisconnects);
        Assert.Equal((3L, 0L, 1L), (master.Info.SyncFull, master.Info.SyncPartialOk, master.Info.SyncPartialErr));
        Assert.Equal((1L, 0L), (other.Info.FullSyncsCompleted, other.Info.PartialResyncsCompleted));
        Assert.Equal(1, log.Count("Warning 1602"));

        // The limit, the record that passed it, and what has been handed to the system but not yet released: one chunk.
        Assert.InRange(mostRetained, Limit / 2, Limit + ValueSize + 1_000 + (2 * 64 << 10));
    }
}
