namespace EmbeddedRepl.Samples.WebApi;

/// <summary>What <c>GET /stats</c> answers: requests for entries since this process started.</summary>
/// <param name="Reads">Entries asked for.</param>
/// <param name="Hits">Of these, how many were there.</param>
/// <param name="Writes">Entries put or deleted.</param>
/// <param name="RefusedWrites">Writes that were refused for whatever reason, those of carts included.</param>
internal sealed record TrafficStats(long Reads, long Hits, long Writes, long RefusedWrites);

/// <summary>Counts the requests for entries. All members may be called from any thread.</summary>
internal sealed class TrafficCounters
{
    private long _reads;
    private long _hits;
    private long _writes;
    private long _refusedWrites;

    /// <summary>Counts one read.</summary>
    public void CountRead(bool hit)
    {
        Interlocked.Increment(ref _reads);
        if (hit)
        {
            Interlocked.Increment(ref _hits);
        }
    }

    /// <summary>Counts one write that was accepted.</summary>
    public void CountWrite() => Interlocked.Increment(ref _writes);

    /// <summary>Counts one write that was refused.</summary>
    public void CountRefusedWrite() => Interlocked.Increment(ref _refusedWrites);

    /// <summary>Reads the counters one by one; together they are only roughly of one moment.</summary>
    public TrafficStats Read() => new(
        Interlocked.Read(ref _reads),
        Interlocked.Read(ref _hits),
        Interlocked.Read(ref _writes),
        Interlocked.Read(ref _refusedWrites));
}
