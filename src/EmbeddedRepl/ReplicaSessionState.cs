namespace EmbeddedRepl;

/// <summary>How far a node has come with one of the replicas that follow it.</summary>
public enum ReplicaSessionState
{
    /// <summary>Versions, passwords and names are being exchanged, or the sync request is awaited.</summary>
    Handshaking = 0,

    /// <summary>The replica waits for its turn, because <c>MaxConcurrentFullSyncs</c> others are being served, or because the link of this node itself is down.</summary>
    WaitingForSnapshot = 1,

    /// <summary>A full sync is being sent.</summary>
    SendingSnapshot = 2,

    /// <summary>The stream is being sent.</summary>
    Streaming = 3,

    /// <summary>The connection is over.</summary>
    Closed = 4,

    /// <summary>This node recovers: the replica offers what it has, and gives it if asked.</summary>
    Recovering = 5,
}
