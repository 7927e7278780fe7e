namespace EmbeddedRepl.Replication.Runtime;

/// <summary>
/// Decides whether a sender that has just sent waits a moment for more before it sends again. Changes come fast if one was there already when the last ones had been sent; then some are gathered, so that hundreds of thousands
/// of them do not become as many sends. The delay is bounded by <see cref="MaxDelay"/>. A change that comes when all before it are gone is sent at once, unless the last send was less than <see cref="MinGap"/>
/// for each replica ago: a caller who writes again as soon as the write before is visible waits for nobody, and many replicas do not get many times as many sends.
/// </summary>
internal sealed class SendGovernor(TimeProvider time)
{
    /// <summary>How long a change may be held back to be sent together with others.</summary>
    private static readonly TimeSpan MaxDelay = TimeSpan.FromMicroseconds(100);

    /// <summary>About what a send and the waking of its receiver take. All replicas of a node together get a change by itself as often as that, up to <see cref="MaxDelay"/> for each.</summary>
    private static readonly TimeSpan MinGap = TimeSpan.FromMicroseconds(25);

    /// <summary>So many bytes are worth a send of their own.</summary>
    private const long EnoughBytes = 16 * 1024;

    private readonly long _maxDelayTicks = (long)(MaxDelay.TotalSeconds * time.TimestampFrequency);
    private readonly long _minGapTicks = (long)(MinGap.TotalSeconds * time.TimestampFrequency);
    private long _nextSendAt = time.GetTimestamp();

    /// <summary>Whether a change that comes now goes out at once. Any thread.</summary>
    public bool IsQuiet => time.GetTimestamp() >= Volatile.Read(ref _nextSendAt);

    /// <param name="pendingBytes">Reads how many bytes wait; racy reads are good enough.</param>
    public void BeforeSend(Func<long> pendingBytes)
    {
        long deadline = Volatile.Read(ref _nextSendAt);
        while (time.GetTimestamp() < deadline && pendingBytes() is > 0 and < EnoughBytes)
        {
            Thread.Yield();
        }
    }

    /// <param name="moreWaits">Whether something has come meanwhile.</param>
    /// <param name="replicas">How many replicas the same changes are sent to.</param>
    public void Sent(bool moreWaits, int replicas)
    {
        long gap = moreWaits ? _maxDelayTicks : Math.Min(_maxDelayTicks, replicas * _minGapTicks);
        Volatile.Write(ref _nextSendAt, time.GetTimestamp() + gap);
    }
}
