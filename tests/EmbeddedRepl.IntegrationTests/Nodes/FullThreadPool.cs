namespace EmbeddedRepl.IntegrationTests.Nodes;

/// <summary>A thread pool that is small, so that it can be filled with callers who block; as it was before when this is disposed of. For tests that run alone in the process.</summary>
internal sealed class FullThreadPool : IDisposable
{
    /// <summary>How many threads it has.</summary>
    public const int Threads = 32;

    /// <summary>So many are certainly stuck: some may be busy with other things for a while; whoever of them comes back gets stuck too.</summary>
    public const int SurelyStuck = 20;

    /// <summary>Calls that leave no thread free.</summary>
    public const int Calls = Threads * 4;

    private readonly (int Workers, int Completion) _max;
    private readonly (int Workers, int Completion) _min;
    private int _done;

    public FullThreadPool()
    {
        ThreadPool.GetMaxThreads(out _max.Workers, out _max.Completion);
        ThreadPool.GetMinThreads(out _min.Workers, out _min.Completion);
        if (!ThreadPool.SetMinThreads(Threads, _min.Completion) || !ThreadPool.SetMaxThreads(Threads, _max.Completion))
        {
            Dispose();
            Assert.Fail($"The pool cannot be made one of {Threads} threads.");
        }
    }

    /// <summary>How many of the calls have done what they were to do.</summary>
    public int Done => Volatile.Read(ref _done);

    /// <summary>Makes <see cref="Calls"/> calls that block.</summary>
    /// <param name="call">Gets its number; tells whether it did what it was to do. What the cache throws is missing in the count: the test fails then, and not the process.</param>
    public void Fill(Func<int, bool> call)
    {
        for (int i = 0; i < Calls; i++)
        {
            int number = i;
            ThreadPool.UnsafeQueueUserWorkItem(
                _ =>
                {
                    try
                    {
                        if (call(number))
                        {
                            Interlocked.Increment(ref _done);
                        }
                    }
                    catch (ReplicatedCacheException)
                    {
                    }
                },
                null);
        }
    }

    public void Dispose()
    {
        ThreadPool.SetMaxThreads(_max.Workers, _max.Completion);
        ThreadPool.SetMinThreads(_min.Workers, _min.Completion);
    }
}
