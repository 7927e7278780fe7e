namespace EmbeddedRepl.NodeProcess;

/// <summary>What a test asks of a node in another process; the fields are those of <see cref="ReplicationInfo"/>.</summary>
internal sealed record NodeStatus
{
    public required string Role { get; init; }

    public required string LinkState { get; init; }

    public required string Id { get; init; }

    public required long Offset { get; init; }

    public required string PreviousId { get; init; }

    public required long PreviousIdEnd { get; init; }

    public required string Digest { get; init; }

    public required long EntryCount { get; init; }

    public required string EndPoint { get; init; }

    public required string? LinkDownReason { get; init; }

    public required int Replicas { get; init; }

    public required long SyncReceivedBytes { get; init; }

    public required long SyncFull { get; init; }

    public required long SyncPartialOk { get; init; }

    public required long SyncPartialErr { get; init; }

    public required long FullSyncsCompleted { get; init; }

    public required long PartialResyncsCompleted { get; init; }

    public required long OutputLimitDisconnects { get; init; }

    public required long DigestMismatches { get; init; }

    public required long Saves { get; init; }

    public required string RecoveryState { get; init; }

    public required long RecoveriesTaken { get; init; }

    public static NodeStatus Of(ReplicationInfo info) => new()
    {
        Role = info.Role.ToString(),
        LinkState = info.LinkState.ToString(),
        Id = info.ReplicationId.ToString(),
        Offset = info.ReplicationOffset,
        PreviousId = info.PreviousReplicationId.ToString(),
        PreviousIdEnd = info.PreviousReplicationIdEnd,
        Digest = info.Digest,
        EntryCount = info.EntryCount,
        EndPoint = info.ListenEndPoints.Count > 0 ? info.ListenEndPoints[0] : "",
        LinkDownReason = info.LinkDownReason,
        Replicas = info.Replicas.Count,
        SyncReceivedBytes = info.SyncReceivedBytes,
        SyncFull = info.SyncFull,
        SyncPartialOk = info.SyncPartialOk,
        SyncPartialErr = info.SyncPartialErr,
        FullSyncsCompleted = info.FullSyncsCompleted,
        PartialResyncsCompleted = info.PartialResyncsCompleted,
        OutputLimitDisconnects = info.OutputLimitDisconnects,
        DigestMismatches = info.DigestMismatches,
        Saves = info.Snapshot?.Saves ?? 0,
        RecoveryState = info.RecoveryState.ToString(),
        RecoveriesTaken = info.RecoveriesTaken,
    };
}
