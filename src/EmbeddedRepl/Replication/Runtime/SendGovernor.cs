namespace EmbeddedRepl.Replication.Runtime;

/// <summary>
/// Decides whether a sender that has just sent waits a moment for more before it sends again. The first change after a quiet
/// time goes out at once; while changes come fast, some are gathered, so that hundreds of thousands of them do not become as
/// many sends. The delay is bounded by <see cref="MaxDelay"/>.
/// </summary>
internal sealed class SendGovernor(TimeProvider time)
{
    /// <summary>How long a change may be held back to be sent together with others.</summary>
    private static readonly TimeSpan MaxDelay = TimeSpan.FromMicroseconds(100);

    /// <summary>So many bytes are worth a send of their own.</summary>
    private const long EnoughBytes = 16 * 1024;

    private readonly long _maxDelayTicks = (long)(MaxDelay.TotalSeconds * time.TimestampFrequency);
    private long _lastSendAt = time.GetTimestamp();

    /// <summary>Whether nothing was sent for as long as a change may be held back. Any thread.</summary>
    public bool IsQuiet => time.GetTimestamp() - Volatile.Read(ref _lastSendAt) >= _maxDelayTicks;

    /// <param name="pendingBytes">Reads how many bytes wait; racy reads are good enough.</param>
    public void BeforeSend(Func<long> pendingBytes)
    {
        long deadline = Volatile.Read(ref _lastSendAt) + _maxDelayTicks;
        while (time.GetTimestamp() < deadline && pendingBytes() is > 0 and < EnoughBytes)
        {
            Thread.Yield();
        }
    }

    public void Sent() => Volatile.Write(ref _lastSendAt, time.GetTimestamp());
}
