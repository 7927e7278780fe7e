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
        const int Threads = 32;
        const int SurelyStuck = 20;
        const int Writes = Threads * 4;
        using TestNode master = TestNode.Master();
        using var proxy = new FaultProxy(HostEndPoint.Parse(master.EndPoint), seed: 22);
        using TestNode replica = TestNode.Replica(proxy.EndPoint.ToString(), options =>
        {
            options.ReplicaWrites = ReplicaWrites.Forward;
            options.LinkTimeout = options.ForwardTimeout = TestNode.Patience;
        });
        replica.WaitForStreaming();
        ThreadPool.GetMaxThreads(out int maxWorkers, out int maxCompletion);
        ThreadPool.GetMinThreads(out int minWorkers, out int minCompletion);
        try
        {
            Assert.True(ThreadPool.SetMinThreads(Threads, minCompletion) && ThreadPool.SetMaxThreads(Threads, maxCompletion));
            proxy.Stall(true);
            int done = 0;
            for (int i = 0; i < Writes; i++)
            {
                int number = i;
                ThreadPool.UnsafeQueueUserWorkItem(
                    _ =>
                    {
                        try
                        {
                            replica.Set($"key {number}", [1]);
                            Interlocked.Increment(ref done);
                        }
                        catch (ReplicatedCacheException)
                        {
                            // Missing in the count: the test fails, and not the process.
                        }
                    },
                    null);
            }

            TestNode.Wait(() => replica.Peek(core => core.Forwarder.Count) >= SurelyStuck, () => "the pool is full of writes that wait");
            Assert.Equal(0, Volatile.Read(ref done));
            proxy.Stall(false);

            TestNode.Wait(() => Volatile.Read(ref done) == Writes, () => $"all writes are done; {Volatile.Read(ref done)} are");
            Assert.All(Enumerable.Range(0, Writes), i => Assert.NotNull(replica.Get($"key {i}")));
        }
        finally
        {
            proxy.Stall(false);
            ThreadPool.SetMaxThreads(maxWorkers, maxCompletion);
            ThreadPool.SetMinThreads(minWorkers, minCompletion);
        }
    }
}
