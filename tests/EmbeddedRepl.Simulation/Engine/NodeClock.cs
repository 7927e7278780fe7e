namespace EmbeddedRepl.Simulation.Engine;

/// <summary>
/// One node's view of time. Its monotonic clock may run fast or slow, its wall clock may besides be wrong, and be set while the node runs. A machine's clocks outlive its processes.
/// </summary>
internal sealed class NodeClock(VirtualTime time, TimeSpan skew) : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private TimeSpan _skew = skew;
    private long _timestampThen;
    private long _then;
    private long _partsPerMillion;

    public override long TimestampFrequency => 1_000_000;

    public override long GetTimestamp()
    {
        long elapsed = time.Now - _then;
        return _timestampThen + elapsed + (elapsed * _partsPerMillion / 1_000_000);
    }

    public override DateTimeOffset GetUtcNow() => Start + _skew + TimeSpan.FromMicroseconds(GetTimestamp());

    /// <summary>Somebody sets the wall clock. The monotonic one goes on.</summary>
    public void Jump(TimeSpan by) => _skew += by;

    /// <summary>Both clocks run fast, or slow if negative, from now on.</summary>
    public void Drift(long partsPerMillion)
    {
        _timestampThen = GetTimestamp();
        _then = time.Now;
        _partsPerMillion = partsPerMillion;
    }
}
