using System.Collections.Concurrent;

namespace EmbeddedRepl.Samples.Cluster.Traffic;

/// <summary>What the traffic amounted to so far. May be used from any thread.</summary>
internal sealed class TrafficTotals
{
    private const int ExamplesKept = 5;

    private readonly ConcurrentQueue<string> _wrongAnswers = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private long _writes;
    private long _masterReads;
    private long _replicaReads;
    private long _interrupted;
    private long _wrongCount;
    private long _failureCount;

    /// <summary>Writes that the master confirmed.</summary>
    public long Writes => Interlocked.Read(ref _writes);

    /// <summary>Reads of the master that were answered and verified.</summary>
    public long MasterReads => Interlocked.Read(ref _masterReads);

    /// <summary>Reads of replicas that were answered and verified.</summary>
    public long ReplicaReads => Interlocked.Read(ref _replicaReads);

    /// <summary>Reads that were answered and verified.</summary>
    public long Reads => MasterReads + ReplicaReads;

    /// <summary>Requests that were under way when their node was killed.</summary>
    public long Interrupted => Interlocked.Read(ref _interrupted);

    /// <summary>Answers that no right node would have given.</summary>
    public long WrongAnswers => Interlocked.Read(ref _wrongCount);

    /// <summary>Requests that failed although their node was there.</summary>
    public long Failures => Interlocked.Read(ref _failureCount);

    /// <summary>The first few of <see cref="WrongAnswers"/> and <see cref="Failures"/>, in words.</summary>
    public IEnumerable<string> Examples => _wrongAnswers.Concat(_failures);

    /// <summary>Counts a confirmed write.</summary>
    public void CountWrite() => Interlocked.Increment(ref _writes);

    /// <summary>Counts a right answer.</summary>
    public void CountRead(bool ofMaster) => _ = ofMaster
        ? Interlocked.Increment(ref _masterReads)
        : Interlocked.Increment(ref _replicaReads);

    /// <summary>Counts a request that was cut off by a kill.</summary>
    public void CountInterrupted() => Interlocked.Increment(ref _interrupted);

    /// <summary>Counts a wrong answer.</summary>
    public void CountWrongAnswer(string description) => Count(ref _wrongCount, _wrongAnswers, description);

    /// <summary>Counts a request that failed for no reason that the demo gave.</summary>
    public void CountFailure(string description) => Count(ref _failureCount, _failures, description);

    private static void Count(ref long counter, ConcurrentQueue<string> examples, string description)
    {
        if (Interlocked.Increment(ref counter) <= ExamplesKept)
        {
            examples.Enqueue(description);
        }
    }
}
