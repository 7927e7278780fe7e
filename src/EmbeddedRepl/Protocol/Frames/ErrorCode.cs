namespace EmbeddedRepl.Protocol;

/// <summary>Why a connection ends. A later version may know more codes; a reader passes unknown ones on as numbers.</summary>
internal enum ErrorCode
{
    /// <summary>The proof does not match any accepted password.</summary>
    WrongPassword = 1,

    /// <summary>The node demands a password and got no proof.</summary>
    PasswordRequired = 2,

    /// <summary>The replica was told to prove a password to a master that demands none: it will not trust that master.</summary>
    PasswordNotDemanded = 3,

    /// <summary>No password is set and the peer is on another machine.</summary>
    ProtectedMode = 4,

    /// <summary>The caches have different names.</summary>
    WrongCacheName = 5,

    /// <summary>The master may send keys or values that are larger than the replica accepts.</summary>
    LimitsDoNotFit = 6,

    /// <summary>The major versions differ.</summary>
    UnsupportedVersion = 7,

    /// <summary>A capability that one side requires is not offered by the other.</summary>
    MissingCapability = 8,

    /// <summary>The replica's own data would come back to it.</summary>
    Cycle = 9,

    /// <summary>Bytes that the protocol does not allow, or a frame that does not belong here.</summary>
    MalformedFrame = 10,

    /// <summary>The replica took the stream too slowly for the output limit.</summary>
    Overrun = 11,

    /// <summary>The replica's data differs from the master's at the same offset.</summary>
    DigestMismatch = 12,

    /// <summary>The node is stopping.</summary>
    ShuttingDown = 13,

    /// <summary>The other side was not heard in time.</summary>
    Timeout = 14,

    /// <summary>The node swapped to other data, or changed its role: ask again and decide anew.</summary>
    HistoryReplaced = 15,

    /// <summary>The node failed; its log says how.</summary>
    Internal = 16,

    /// <summary>The node demands TLS and the peer does not speak it.</summary>
    TlsRequired = 17,

    /// <summary>The peer speaks TLS, and the node does not.</summary>
    TlsNotEnabled = 18,

    /// <summary>The certificate of the peer, or the lack of one.</summary>
    CertificateRefused = 19,

    /// <summary>The TLS handshake failed.</summary>
    TlsFailed = 20,
}
