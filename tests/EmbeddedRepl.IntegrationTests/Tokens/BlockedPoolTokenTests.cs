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
        const int Threads = 32;
        const int SurelyStuck = 20;
        const int Waits = Threads * 4;
        using TestNode master = TestNode.Master();
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 34);
        using TestNode replica = TestNode.Replica(proxy.EndPoint.ToString(), options => options.LinkTimeout = TestNode.Patience);
        replica.WaitForStreaming();
        ThreadPool.GetMaxThreads(out int maxWorkers, out int maxCompletion);
        ThreadPool.GetMinThreads(out int minWorkers, out int minCompletion);
        try
        {
            Assert.True(ThreadPool.SetMinThreads(Threads, minCompletion) && ThreadPool.SetMaxThreads(Threads, maxCompletion));
            proxy.Stall(true);
            master.Set("key", [1]);
            StreamPosition written = master.Node.Position;
            int done = 0;
            for (int i = 0; i < Waits; i++)
            {
                ThreadPool.UnsafeQueueUserWorkItem(
                    _ =>
                    {
                        try
                        {
                            if (replica.Node.WaitFor(written, TestNode.Patience, default) && replica.Get("key") is [1])
                            {
                                Interlocked.Increment(ref done);
                            }
                        }
                        catch (ReplicatedCacheException)
                        {
                            // Missing in the count: the test fails, and not the process.
                        }
                    },
                    null);
            }

            TestNode.Wait(() => replica.Peek(core => core.PositionWaits.Count) >= SurelyStuck, () => "the pool is full of callers that wait");
            Assert.Equal(0, Volatile.Read(ref done));

            // Time passes all the same.
            bool? isReached = null;
            var hurried = new Thread(() => isReached = replica.Node.WaitFor(written, TimeSpan.FromMilliseconds(20), default)) { IsBackground = true };
            hurried.Start();
            Assert.True(hurried.Join(TestNode.Patience), "Whoever waits for a moment waits for ever.");
            Assert.False(isReached);
            proxy.Stall(false);

            TestNode.Wait(() => Volatile.Read(ref done) == Waits, () => $"all waits end; {Volatile.Read(ref done)} have");
        }
        finally
        {
            proxy.Stall(false);
            ThreadPool.SetMaxThreads(maxWorkers, maxCompletion);
            ThreadPool.SetMinThreads(minWorkers, minCompletion);
        }
    }
}
