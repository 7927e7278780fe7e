namespace EmbeddedRepl.Replication.Forwarding;

/// <summary>How far a forwarded write is on the node where it was made.</summary>
internal enum ForwardedWriteState
{
    /// <summary>There is no room for it yet. Nothing of it has left this node.</summary>
    Waiting,

    /// <summary>It stands in the line of what is sent up. Nothing of it has left this node while <see cref="ForwardedWrite.SentBytes"/> is 0.</summary>
    Queued,

    /// <summary>All of it was handed to the connection; the answer has not come.</summary>
    Sent,

    /// <summary>The master has answered with a position that this node has not applied yet.</summary>
    Answered,

    /// <summary>It is over; <see cref="ForwardedWrite.End"/> says how.</summary>
    Ended,
}
