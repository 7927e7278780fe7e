namespace EmbeddedRepl.IntegrationTests.Nodes;

/// <summary>Alone in the process while it runs: it takes away what everything else runs on.</summary>
[CollectionDefinition(nameof(BlockedThreadPoolTests), DisableParallelization = true)]
[Collection(nameof(BlockedThreadPoolTests))]
public class BlockedThreadPoolTests
{
    [Fact]
    public void Link_EveryThreadOfThePoolBlocked_AttachesStreamsAndReconnects()
    {
        ThreadPool.GetMaxThreads(out int maxWorkers, out int maxCompletion);
        ThreadPool.GetMinThreads(out int minWorkers, out int minCompletion);
        using var gate = new ManualResetEventSlim();
        try
        {
            ThreadPool.SetMaxThreads(minWorkers, maxCompletion);
            int blocked = 0;
            for (int i = 0; i < minWorkers * 4; i++)
            {
                ThreadPool.UnsafeQueueUserWorkItem(
                    _ =>
                    {
                        Interlocked.Increment(ref blocked);
                        gate.Wait();
                    },
                    null);
            }

            TestNode.Wait(() => Volatile.Read(ref blocked) >= minWorkers, () => "the pool is full");
            int probe = 0;
            ThreadPool.UnsafeQueueUserWorkItem(_ => Volatile.Write(ref probe, 1), null);

            using TestNode master = TestNode.Master().Fill(1_000, 100);
            TestNode restarted = TestNode.Replica(master.EndPoint).WaitForStreaming();
            using TestNode replica = TestNode.Replica($"localhost:{master.EndPoint[(master.EndPoint.LastIndexOf(':') + 1)..]}").WaitForStreaming();
            master.Fill(1_000, 50, "later");
            replica.WaitUntilIdenticalTo(master);
            restarted.WaitUntilIdenticalTo(master);
            restarted.Dispose();
            master.WaitFor(info => info.Replicas.Count == 1, "the master has noticed");

            Assert.True(Volatile.Read(ref probe) == 0, "The pool was not blocked after all.");
        }
        finally
        {
            gate.Set();
            ThreadPool.SetMaxThreads(maxWorkers, maxCompletion);
            ThreadPool.SetMinThreads(minWorkers, minCompletion);
        }
    }
}
