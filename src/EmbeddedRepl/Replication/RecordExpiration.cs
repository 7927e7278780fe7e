using EmbeddedRepl.Protocol;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <summary>
/// The expiration of a record that came from a peer. What no entry can have is the peer's error, and must end its connection as
/// such: the store, which trusts its callers, would throw what nobody expects of a peer.
/// </summary>
internal static class RecordExpiration
{
    /// <exception cref="ProtocolException">No entry can have this expiration.</exception>
    public static EntryExpiration Of(in Record record)
    {
        if ((record.SlidingWindow != 0 && record.Deadline == 0) || (record.AbsoluteCap != 0 && record.SlidingWindow == 0))
        {
            throw new ProtocolException("A record has a sliding window without a deadline, or a cap without a sliding window.");
        }

        return new EntryExpiration(
            DeadlineOf(record), Checked(record.SlidingWindow, "sliding window"), Checked(record.AbsoluteCap, "cap"));
    }

    /// <exception cref="ProtocolException">No entry can have this deadline.</exception>
    public static long DeadlineOf(in Record record) => Checked(record.Deadline, "deadline");

    private static long Checked(long milliseconds, string field) => milliseconds is >= 0 and <= EntryExpiration.MaxDeadline
        ? milliseconds
        : throw new ProtocolException($"The {field} of a record is {milliseconds}, beyond the end of the calendar.");
}
