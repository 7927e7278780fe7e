namespace EmbeddedRepl;

/// <summary>How far a replica's link to its master has come. The replica serves reads in every state.</summary>
public enum ReplicationLinkState
{
    /// <summary>No connection; the next attempt is scheduled, or this node is a master.</summary>
    Disconnected = 0,

    /// <summary>A connection is being opened.</summary>
    Connecting = 1,

    /// <summary>Versions, passwords and names are being exchanged.</summary>
    Handshaking = 2,

    /// <summary>The replica has said what it has and waits for the master's decision or for its turn.</summary>
    RequestingSync = 3,

    /// <summary>A full sync is being loaded beside the data that is served.</summary>
    ReceivingSnapshot = 4,

    /// <summary>The stream is being applied: the link is up.</summary>
    Streaming = 5,

    /// <summary>The master was restarted and recovers: this node offers what it has, and gives it if asked.</summary>
    Recovering = 6,
}
