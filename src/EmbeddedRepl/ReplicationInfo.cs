using EmbeddedRepl.Diagnostics;

namespace EmbeddedRepl;

/// <summary>
/// What a node knows of its replication at one moment. Immutable; taken without stopping readers or writers for longer than a copy. Offsets count bytes of the
/// replication stream. What says "how often" or "how many" was done counts from the start of this process on.
/// </summary>
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

    /// <summary>
    /// Whether this node serves complete data: on a master from the start, also while it recovers; on a replica after its first sync, or when it has loaded its
    /// snapshot file. See <see cref="IReplicatedCache.IsReady"/>.
    /// </summary>
    public required bool IsReady { get; init; }

    /// <summary>How far this master has come with taking what it lacks from its replicas after it was started.</summary>
    public RecoveryState RecoveryState { get; init; }

    /// <summary>What the recovery is doing or waiting for, and what an operator can do; null if there is none.</summary>
    public string? RecoveryMessage { get; init; }

    /// <summary>How often this node took data from a replica, because it or its master was restarted without it.</summary>
    public long RecoveriesTaken { get; init; }

    /// <summary>The node that this one follows, as <c>host:port</c>; null on a master.</summary>
    public string? Master { get; init; }

    /// <summary>The state of the link to <see cref="Master"/>.</summary>
    public ReplicationLinkState LinkState { get; init; }

    /// <summary>Since when the link has been down, or null while it is up and on a master.</summary>
    public DateTimeOffset? LinkDownSince { get; init; }

    /// <summary>Why the last connection ended or the last attempt failed, or null.</summary>
    public string? LinkDownReason { get; init; }

    /// <summary>
    /// Why what the master sends next does not fit into the memory of this replica (<see cref="ReplicatedCacheOptions.MemoryLimit"/>); null if it fits, and on a master. The replica serves
    /// what it has and keeps trying; raise the limit, or lower the master's and let this node sync anew.
    /// </summary>
    public string? MemoryShortage { get; init; }

    /// <summary>Time since the master was last heard; null before it was, and on a master.</summary>
    public TimeSpan? LastMasterIoAge { get; init; }

    /// <summary>
    /// How far this replica is behind what its master last said it had, in bytes. 0 on a master, and also while the link is not up, when nobody knows: look at
    /// <see cref="LinkState"/> first.
    /// </summary>
    public long LagBytes { get; init; }

    /// <summary>
    /// How long ago this replica is known to have had everything that its master had: as of when the last heartbeat left whose content it has applied. So on a
    /// link that works it grows to the master's heartbeat interval and starts again. Null on a master, and as long as nothing is known.
    /// </summary>
    public TimeSpan? Staleness { get; init; }

    /// <summary>
    /// The end of what a replica has received of the stream, in bytes. What lies beyond <see cref="ReplicationOffset"/> is a record that is not whole yet. On a
    /// master the same as <see cref="ReplicationOffset"/>.
    /// </summary>
    public long ReceivedOffset { get; init; }

    /// <summary>
    /// How far the master's clock is ahead of this node's, or null if it is not known. Too low by the time that a heartbeat is under way; the master's
    /// <see cref="ReplicaInfo.ClockSkew"/> is exact.
    /// </summary>
    public TimeSpan? MasterClockSkew { get; init; }

    /// <summary>The priority of a replica for those who choose one to promote, as Redis reports it. Always 100: nobody chooses by it here.</summary>
    public int Priority { get; init; } = 100;

    /// <summary>Whether writes are refused because this node is a replica.</summary>
    public bool IsReadOnly => Role == ReplicationRole.Replica;

    /// <summary>Whether a replica shows itself to those who ask its master for replicas, as Redis reports it. Always true.</summary>
    public bool IsAnnounced { get; init; } = true;

    /// <summary>How far a hand-over to another node has come. Always none: a hand-over is two calls of an operator.</summary>
    public ReplicationFailoverState FailoverState { get; init; }

    /// <summary>Bytes of snapshot received so far while a full sync is being loaded; 0 otherwise.</summary>
    public long SyncReceivedBytes { get; init; }

    /// <summary>Entries received so far, as a fraction of the master's count at the start, 0 to 100 percent, while a full sync is being loaded; 0 otherwise.</summary>
    public double SyncPercent { get; init; }

    /// <summary>This replica's place in its master's line for a full sync, counted from 1; 0 if it does not wait.</summary>
    public int SyncWaitingPosition { get; init; }

    /// <summary>The replicas attached to this node, those that wait for a full sync or load one included; empty if there are none.</summary>
    public IReadOnlyList<ReplicaInfo> Replicas { get; init; } = [];

    /// <summary>Where this node accepts replicas, or empty.</summary>
    public IReadOnlyList<string> ListenEndPoints { get; init; } = [];

    /// <summary>Whether the stream is kept at all; a stand-alone node without a snapshot file keeps none.</summary>
    public bool BacklogActive { get; init; }

    /// <summary>The configured size of the backlog in bytes.</summary>
    public long BacklogSize { get; init; }

    /// <summary>The first offset that a partial resync can continue from: where the backlog begins, or before it what a slow replica holds back.</summary>
    public long BacklogFirstOffset { get; init; }

    /// <summary>Bytes of stream from <see cref="BacklogFirstOffset"/> to <see cref="ReplicationOffset"/>.</summary>
    public long BacklogLength { get; init; }

    /// <summary>Bytes of memory that the replication stream takes: the backlog, and what slow replicas hold back. Shared by all replicas.</summary>
    public long StreamBytes { get; init; }

    /// <summary>Bytes of stream that are older than the backlog and kept only because a slow replica has not been sent them.</summary>
    public long StreamPinnedBytes { get; init; }

    /// <summary>How many replicas must follow closely for writes to be accepted; 0 for none.</summary>
    public int MinReplicasToWrite { get; init; }

    /// <summary>How many replicas do follow closely, that is, have acknowledged within <c>MinReplicasMaxLag</c>; 0 if <see cref="MinReplicasToWrite"/> is 0.</summary>
    public int GoodReplicas { get; init; }

    /// <summary>Whether this node accepts writes at this moment: it is a master that neither loads its file, nor recovers, nor stops, and enough replicas follow closely.</summary>
    public bool AcceptsWrites { get; init; }

    /// <summary>Callers that wait for acknowledgements at this moment.</summary>
    public int WaitingCallers { get; init; }

    /// <summary>The snapshot file; null if <see cref="ReplicatedCacheOptions.SnapshotDirectory"/> is not set.</summary>
    public SnapshotInfo? Snapshot { get; init; }

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

    /// <summary>Replicas dropped because they fell behind by more than <c>ReplicaOutputLimit</c>, or by more than <c>ReplicaOutputSoftLimit</c> for too long.</summary>
    public long OutputLimitDisconnects { get; init; }

    /// <summary>
    /// Bytes of stream that this node had and gave up by full syncs from masters on the same line: the writes that a demoted master had made
    /// after its replica was promoted.
    /// </summary>
    public long DiscardedBytes { get; init; }

    /// <summary>Whether an order to follow <see cref="Master"/> is not fulfilled yet: the next full sync from it may replace this node's data, whatever it is.</summary>
    public bool IsOrderPending { get; init; }

    /// <summary>How often this node's digest differed from its master's at the same offset.</summary>
    public long DigestMismatches { get; init; }

    /// <summary>Syncs that this node put off with "not now": it was loading, recovering or stopping, its own link was down, it lagged behind the asker, or had no place.</summary>
    public long NotNowAnswers { get; init; }

    /// <summary>Full syncs that were offered to replicas and refused by them, because they hold other data.</summary>
    public long FullSyncsRefusedByReplica { get; init; }

    /// <summary>Connections refused in the handshake, by either end.</summary>
    public long HandshakesRefused { get; init; }

    /// <summary>Who was last refused in the handshake with this node as the one that accepts, by either end, and why; null if nobody was. For people, in English.</summary>
    public string? LastHandshakeRefusal { get; init; }

    /// <summary>Until when the TLS certificate of this node is valid; null without one.</summary>
    public DateTimeOffset? CertificateNotAfter { get; init; }

    /// <summary>Full syncs from the master that were begun and discarded.</summary>
    public long FullSyncsFailed { get; init; }

    /// <summary>Full syncs that the master offered and this node refused, because it holds other data.</summary>
    public long FullSyncsRefused { get; init; }

    /// <summary>How often a connection to the master ended, or could not be opened.</summary>
    public long LinkFailures { get; init; }

    /// <summary>How often the link came up again after its first time.</summary>
    public long Reconnects { get; init; }

    /// <summary>Writes that were refused here: on a replica, with too few replicas, or while the node loaded its file, recovered or stopped. One that waited in vain for a recovery is not counted.</summary>
    public long WritesRefused { get; init; }

    /// <summary>Reads of sliding entries, coalesced, that were told to the master; those that came from replicas below are counted in.</summary>
    public long TouchesSent { get; init; }

    /// <summary>
    /// Reads of sliding entries that were kept back here because too many waited, or came late over a connection that had been given up. A later read of the
    /// same entry makes up for it.
    /// </summary>
    public long TouchesDropped { get; init; }

    /// <summary>How long the last full sync to a replica took, until all was sent; null before the first.</summary>
    public TimeSpan? LastFullSyncSentDuration { get; init; }

    /// <summary>How long the last full sync from the master took, until it was served; null before the first.</summary>
    public TimeSpan? LastFullSyncReceivedDuration { get; init; }

    /// <summary>
    /// Prints this as the replication section of Redis 7's <c>INFO</c> does, for tools that read that. Offsets count from 0, as in
    /// <see cref="ReplicationOffset"/>, where those of Redis count from 1.
    /// </summary>
    /// <returns>Lines that end in a carriage return and a line feed; the first is <c># Replication</c>.</returns>
    public string ToRedisText() => RedisReplicationText.Format(this);
}
