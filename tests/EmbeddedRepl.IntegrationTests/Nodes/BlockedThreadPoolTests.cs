using EmbeddedRepl.Facade;

namespace EmbeddedRepl.IntegrationTests.Nodes;

/// <summary>Alone in the process while it runs: it takes away what everything else runs on.</summary>
[CollectionDefinition(nameof(BlockedThreadPoolTests), DisableParallelization = true)]
[Collection(nameof(BlockedThreadPoolTests))]
public class BlockedThreadPoolTests
{
    [Fact]
    [Trait("Behaviour", "K3")]
    public void Link_EveryThreadOfThePoolBlocked_AttachesStreamsAndReconnects()
    {
        using var pool = new FullThreadPool();

        // Not disposed: those who wait for it may still be on their way out when this method ends.
        var gate = new ManualResetEventSlim();
        try
        {
            int blocked = 0;
            pool.Fill(_ =>
            {
                Interlocked.Increment(ref blocked);
                gate.Wait();
                return true;
            });

            TestNode.Wait(() => Volatile.Read(ref blocked) >= FullThreadPool.SurelyStuck, () => "the pool is full");
            int probe = 0;
            ThreadPool.UnsafeQueueUserWorkItem(_ => Volatile.Write(ref probe, 1), null);

            using TestNode master = TestNode.Master().Fill(1_000, 100);
            TestNode waiting = TestNode.Replica(master.EndPoint);
            using (var cache = new ReplicatedCache(waiting.Node, new ReplicatedCacheOptions(), TimeProvider.System))
            {
                Assert.True(cache.WaitUntilReady(TestNode.Patience));
                Assert.Equal(1_000, waiting.Info.EntryCount);
            }

            TestNode restarted = TestNode.Replica(master.EndPoint).WaitForStreaming();
            using TestNode replica = TestNode.Replica($"localhost:{master.EndPoint[(master.EndPoint.LastIndexOf(':') + 1)..]}").WaitForStreaming();
            master.Fill(1_000, 50, "later");
            replica.WaitUntilIdenticalTo(master);
            restarted.WaitUntilIdenticalTo(master);
            Assert.Equal(2, master.Node.WaitForReplicas(2, TestNode.Patience, default));
            restarted.Dispose();
            master.WaitFor(info => info.Replicas.Count == 1, "the master has noticed");
            Assert.Equal(1, master.Node.WaitForReplicas(2, TimeSpan.FromMilliseconds(20), default));

            Assert.True(Volatile.Read(ref probe) == 0, "The pool was not blocked after all.");
        }
        finally
        {
            gate.Set();
        }
    }
}
