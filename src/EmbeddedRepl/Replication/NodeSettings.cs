using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Handshake;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <summary>
/// What the core needs to know of the options, in the units that it counts in: bytes and milliseconds. Immutable.
/// </summary>
internal sealed record NodeSettings
{
    public string CacheName { get; init; } = "default";

    /// <summary>Passwords that a replica may prove, the first one being the main one; empty if none is demanded.</summary>
    public IReadOnlyList<PasswordKey> AcceptedPasswords { get; init; } = [];

    /// <summary>The password that is proved to the master, and that the master must prove; null for none.</summary>
    public PasswordKey? MasterPassword { get; init; }

    public bool ProtectedMode { get; init; } = true;

    /// <summary>The host that this node announces to its master; null for none.</summary>
    public string? AnnouncedHost { get; init; }

    /// <summary>The port that this node announces to its master; 0 for none.</summary>
    public int AnnouncedPort { get; init; }

    public int MaxKeySize { get; init; } = 65_000;

    public int MaxValueSize { get; init; } = 64 << 20;

    /// <summary>What a record that comes from a peer or a file may hold.</summary>
    public RecordLimits RecordLimits => new(MaxKeySize, MaxValueSize);

    /// <summary>Whether this node keeps the stream at all; a stand-alone node does not.</summary>
    public bool KeepsStream { get; init; } = true;

    public long BacklogSize { get; init; } = 16L << 20;

    /// <summary>0 for never.</summary>
    public long BacklogTimeToLive { get; init; } = 3_600_000;

    public int MinReplicasToWrite { get; init; }

    public long MinReplicasMaxLag { get; init; } = 10_000;

    public long ReplicaOutputLimit { get; init; } = 256L << 20;

    public long ReplicaOutputSoftLimit { get; init; } = 64L << 20;

    public long ReplicaOutputSoftTime { get; init; } = 60_000;

    public int MaxConcurrentFullSyncs { get; init; } = 2;

    public int MaxReplicas { get; init; } = 128;

    public int MaxPendingHandshakes { get; init; } = 64;

    public long HeartbeatInterval { get; init; } = 10_000;

    public long AckInterval { get; init; } = 1_000;

    public long LinkTimeout { get; init; } = 60_000;

    public long ConnectTimeout { get; init; } = 5_000;

    public long HandshakeTimeout { get; init; } = 5_000;

    public long ReconnectDelay { get; init; } = 1_000;

    /// <summary>How many replicas a master expects; 0 if that was not said.</summary>
    public int ExpectedReplicas { get; init; }

    /// <summary>How long a starting master waits for the offers of its replicas; 0 for not at all.</summary>
    public long RecoveryWindow { get; init; } = 3_000;

    /// <summary>How long it waits, and takes what is offered, at the longest.</summary>
    public long RecoveryLimit { get; init; } = 60_000;

    /// <summary>How long a write waits for a recovery to end.</summary>
    public long RecoveryWriteTimeout { get; init; } = 10_000;

    /// <summary>Whether writes on a replica go to its master.</summary>
    public bool ForwardsWrites { get; init; }

    public long ForwardTimeout { get; init; } = 10_000;

    public long ForwardBufferSize { get; init; } = 64L << 20;

    public int MaxForwardedWrites { get; init; } = 10_000;

    /// <summary>Bytes of stream or snapshot in one frame.</summary>
    public int ChunkSize { get; init; } = 64 * 1024;

    public StoreOptions Store { get; init; } = new();

    /// <summary>What this node tells peers that it can do beyond the core. Only tests set it, to be an older node, or a newer one with bits that nobody knows yet.</summary>
    public Capabilities OfferedCapabilities { get; init; } = HandshakeRules.Offered;

    /// <summary>The minor version that this node tells peers. Only tests set it.</summary>
    public int ProtocolMinorVersion { get; init; } = ProtocolVersion.Minor;

    /// <summary>
    /// The output limit that is enforced: below the size of the backlog it would disconnect replicas that a partial resync
    /// brings back at once, for ever.
    /// </summary>
    public long EffectiveOutputLimit => Math.Max(ReplicaOutputLimit, BacklogSize);

    /// <summary>The limit of a recovery that is enforced: the window is part of it.</summary>
    public long EffectiveRecoveryLimit => Math.Max(RecoveryLimit, RecoveryWindow);

    /// <summary>The soft limit that is enforced; never below the size of the backlog, for the same reason.</summary>
    public long EffectiveSoftLimit => Math.Max(ReplicaOutputSoftLimit, BacklogSize);
}
