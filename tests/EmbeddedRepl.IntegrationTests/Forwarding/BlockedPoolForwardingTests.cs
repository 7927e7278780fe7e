using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Forwarding;

/// <summary>Alone in the process while it runs: it takes away what everything else runs on.</summary>
[Collection(nameof(BlockedThreadPoolTests))]
public class BlockedPoolForwardingTests
{
    [Fact]
    [Trait("Behaviour", "N9")]
    public void Writes_EveryThreadOfThePoolBlockedInOne_AllAreDone()
    {
        using TestNode master = TestNode.Master();
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 22);
        using TestNode replica = TestNode.Replica(proxy.EndPoint.ToString(), options =>
        {
            options.ReplicaWrites = ReplicaWrites.Forward;
            options.LinkTimeout = options.ForwardTimeout = TestNode.Patience;
        });
        replica.WaitForStreaming();
        using var pool = new FullThreadPool();
        try
        {
            proxy.Stall(true);
            pool.Fill(number =>
            {
                replica.Set($"key {number}", [1]);
                return true;
            });
            TestNode.Wait(() => replica.Peek(core => core.Forwarder.Count) >= FullThreadPool.SurelyStuck, () => "the pool is full of writes that wait");
            Assert.Equal(0, pool.Done);
            proxy.Stall(false);

            TestNode.Wait(() => pool.Done == FullThreadPool.Calls, () => $"all writes are done; {pool.Done} are");
            Assert.All(Enumerable.Range(0, FullThreadPool.Calls), i => Assert.NotNull(replica.Get($"key {i}")));
        }
        finally
        {
            proxy.Stall(false);
        }
    }
}
