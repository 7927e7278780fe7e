namespace EmbeddedRepl;

/// <summary>One replica as the node that it follows sees it. Immutable.</summary>
/// <param name="Address">How the replica is called in messages, as <c>host:port</c>: where its connection comes from, unless it announces another address.</param>
/// <param name="State">How far this node has come with it.</param>
/// <param name="AckedOffset">The last replication offset that the replica reported as applied, in bytes; 0 while it waits for a full sync or loads one.</param>
/// <param name="LagBytes">How many bytes of the stream the replica has not yet reported as applied; all of them while it waits for a full sync or loads one.</param>
/// <param name="LastAckAge">Time since the replica was last heard.</param>
/// <param name="RunId">The random name of the replica's process, as 40 hexadecimal digits; a restart makes a new one.</param>
public sealed record ReplicaInfo(
    string Address,
    ReplicaSessionState State,
    long AckedOffset,
    long LagBytes,
    TimeSpan LastAckAge,
    string RunId)
{
    /// <summary>Bytes of the stream that wait to be sent to it. They count against <see cref="ReplicatedCacheOptions.ReplicaOutputLimit"/>, all but the largest record among them.</summary>
    public long PendingBytes { get; init; }

    /// <summary>How far the replica's clock is ahead of this node's, or null before it is known.</summary>
    public TimeSpan? ClockSkew { get; init; }
}
