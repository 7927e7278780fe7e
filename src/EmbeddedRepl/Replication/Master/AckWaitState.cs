namespace EmbeddedRepl.Replication.Master;

/// <summary>How far a wait for acknowledgements is, and how it ended.</summary>
internal enum AckWaitState
{
    Waiting,

    /// <summary>Enough replicas have acknowledged.</summary>
    Reached,

    /// <summary>The time is over; fewer have.</summary>
    TimedOut,

    /// <summary>The node is a master no longer: nobody acknowledges this offset of this history to it any more.</summary>
    Demoted,

    /// <summary>The node stops.</summary>
    Stopped,

    /// <summary>The caller gave up.</summary>
    Cancelled,
}
