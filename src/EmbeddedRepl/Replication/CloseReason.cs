namespace EmbeddedRepl.Replication;

/// <summary>Why a connection is over.</summary>
internal enum CloseReason
{
    None,

    /// <summary>The other end closed it, or it broke.</summary>
    ConnectionLost,

    /// <summary>The handshake was refused, by either end.</summary>
    HandshakeRefused,

    /// <summary>The other end sent what it must not send.</summary>
    ProtocolViolation,

    /// <summary>The handshake took too long.</summary>
    HandshakeTimeout,

    /// <summary>Nothing was heard from the other end for too long.</summary>
    Silence,

    /// <summary>The same process has come by a newer connection.</summary>
    Superseded,

    /// <summary>The other end is heard, but takes or sends no data any more.</summary>
    NoProgress,

    /// <summary>The replica fell behind by more than the output limit.</summary>
    Overrun,

    /// <summary>The answer to the sync request was "not now".</summary>
    NotNow,

    /// <summary>The replica did not let a full sync replace its data.</summary>
    FullSyncRefused,

    /// <summary>What arrived in a full sync, or the running digest, was not what the master has.</summary>
    DigestMismatch,

    /// <summary>The node took another data set; its replicas must ask anew.</summary>
    DataSwapped,

    /// <summary>A recovery is over, with or without what this connection offered; the replica asks anew.</summary>
    RecoveryEnded,

    /// <summary>The node's role or master was changed.</summary>
    RoleChanged,

    /// <summary>The store's limit was reached while data was being applied.</summary>
    StoreFull,

    /// <summary>The other end reported an error.</summary>
    PeerError,

    /// <summary>Too many connections.</summary>
    TooManyConnections,

    /// <summary>This node ran into an error of its own; the log has it.</summary>
    InternalError,

    /// <summary>The node stops.</summary>
    Stopping,
}
