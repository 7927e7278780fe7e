using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Tokens;

/// <summary>Alone in the process while it runs: it takes away what everything else runs on.</summary>
[Collection(nameof(BlockedThreadPoolTests))]
public class BlockedPoolTokenTests
{
    [Fact]
    [Trait("Behaviour", "P2")]
    public void Waits_EveryThreadOfThePoolBlockedInOne_AllEnd()
    {
        using TestNode master = TestNode.Master();
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 34);
        using TestNode replica = TestNode.Replica(proxy.EndPoint.ToString(), options => options.LinkTimeout = TestNode.Patience);
        replica.WaitForStreaming();
        using var pool = new FullThreadPool();
        try
        {
            proxy.Stall(true);
            master.Set("key", [1]);
            StreamPosition written = master.Node.Position;
            pool.Fill(_ => replica.Node.WaitFor(written, TestNode.Patience, default) && replica.Get("key") is [1]);
            TestNode.Wait(() => replica.Peek(core => core.PositionWaits.Count) >= FullThreadPool.SurelyStuck, () => "the pool is full of callers that wait");
            Assert.Equal(0, pool.Done);

            // Time passes all the same.
            bool? isReached = null;
            var hurried = new Thread(() => isReached = replica.Node.WaitFor(written, TimeSpan.FromMilliseconds(20), default)) { IsBackground = true };
            hurried.Start();
            Assert.True(hurried.Join(TestNode.Patience), "Whoever waits for a moment waits for ever.");
            Assert.False(isReached);
            proxy.Stall(false);

            TestNode.Wait(() => pool.Done == FullThreadPool.Calls, () => $"all waits end; {pool.Done} have");
        }
        finally
        {
            proxy.Stall(false);
        }
    }
}
