using EmbeddedRepl.Diagnostics;

namespace EmbeddedRepl;

/// <summary>What a node knows of its replication at one moment. Immutable; taken without stopping readers or writers for longer than a copy.</summary>
public sealed record ReplicationInfo
{
    /// <summary>When this was taken, by the clock of this node; times such as <see cref="LinkDownSince"/> compare with it.</summary>
    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>Master or replica.</summary>
    public required ReplicationRole Role { get; init; }

    /// <summary>The replication id of the data set that this node serves; <see cref="ReplicationId.None"/> on a replica before its first sync.</summary>
    public required ReplicationId ReplicationId { get; init; }

    /// <summary>The id that the current one continues (its newest ancestor), or <see cref="ReplicationId.None"/>.</summary>
    public required ReplicationId PreviousReplicationId { get; init; }

    /// <summary>The offset at which <see cref="PreviousReplicationId"/> ended, in bytes; -1 without one.</summary>
    public required long PreviousReplicationIdEnd { get; init; }

    /// <summary>Bytes of replication stream that this node has produced or applied.</summary>
    public required long ReplicationOffset { get; init; }

    /// <summary>The random name of this process, as 40 hexadecimal digits.</summary>
    public required string RunId { get; init; }

    /// <summary>Entries in the store, expired ones that are not yet deleted included.</summary>
    public required long EntryCount { get; init; }

    /// <summary>Bytes of memory that the store holds.</summary>
    public required long StoreBytes { get; init; }

    /// <summary>Digest of keys, values and deadlines at <see cref="ReplicationOffset"/>, as 32 hexadecimal digits. Equal on nodes that are equal.</summary>
    public required string Digest { get; init; }

    /// <summary>Whether this node serves complete data: always on a master, after the first sync on a replica.</summary>
    public required bool IsReady { get; init; }

    /// <summary>The node that this one follows, as <c>host:port</c>; null on a master.</summary>
    public string? Master { get; init; }

    /// <summary>The state of the link to <see cref="Master"/>.</summary>
    public ReplicationLinkState LinkState { get; init; }

    /// <summary>Since when the link has been down, or null while it is up and on a master.</summary>
    public DateTimeOffset? LinkDownSince { get; init; }

    /// <summary>Why the last connection ended or the last attempt failed, or null.</summary>
    public string? LinkDownReason { get; init; }

    /// <summary>Time since the master was last heard, or null.</summary>
    public TimeSpan? LastMasterIoAge { get; init; }

    /// <summary>How far this replica is behind what its master last said it had, in bytes.</summary>
    public long LagBytes { get; init; }

    /// <summary>Bytes of snapshot received so far while a full sync is being loaded; 0 otherwise.</summary>
    public long SyncReceivedBytes { get; init; }

    /// <summary>Entries received so far, as a fraction of the master's count, in percent, while a full sync is being loaded; 0 otherwise.</summary>
    public double SyncPercent { get; init; }

    /// <summary>This replica's place in its master's line for a full sync, counted from 1; 0 if it does not wait.</summary>
    public int SyncWaitingPosition { get; init; }

    /// <summary>The replicas attached to this node.</summary>
    public IReadOnlyList<ReplicaInfo> Replicas { get; init; } = [];

    /// <summary>Where this node accepts replicas, or empty.</summary>
    public IReadOnlyList<string> ListenEndPoints { get; init; } = [];

    /// <summary>Whether a backlog is kept.</summary>
    public bool BacklogActive { get; init; }

    /// <summary>The configured size of the backlog in bytes.</summary>
    public long BacklogSize { get; init; }

    /// <summary>The first offset that a partial resync can continue from.</summary>
    public long BacklogFirstOffset { get; init; }

    /// <summary>Bytes of stream in the backlog.</summary>
    public long BacklogLength { get; init; }

    /// <summary>Full syncs that this node has started for replicas.</summary>
    public long SyncFull { get; init; }

    /// <summary>Partial resyncs that this node has granted to replicas.</summary>
    public long SyncPartialOk { get; init; }

    /// <summary>Partial resyncs that were asked of this node and could not be granted.</summary>
    public long SyncPartialErr { get; init; }

    /// <summary>Full syncs that this node has completed as a replica.</summary>
    public long FullSyncsCompleted { get; init; }

    /// <summary>Partial resyncs that this node has been granted as a replica.</summary>
    public long PartialResyncsCompleted { get; init; }

    /// <summary>Replicas dropped because they fell behind by more than <c>ReplicaOutputLimit</c>.</summary>
    public long OutputLimitDisconnects { get; init; }

    /// <summary>How often this node's digest differed from its master's at the same offset.</summary>
    public long DigestMismatches { get; init; }

    /// <summary>
    /// Prints this as the replication section of Redis 7's <c>INFO</c> does, for tools that read that. Offsets count from 0, as in
    /// <see cref="ReplicationOffset"/>, where those of Redis count from 1.
    /// </summary>
    /// <returns>Lines that end in a carriage return and a line feed; the first is <c># Replication</c>.</returns>
    public string ToRedisText() => RedisReplicationText.Format(this);
}
