namespace EmbeddedRepl;

/// <summary>One replica as the node that it follows sees it. Immutable.</summary>
/// <param name="Address">Where the replica's connection comes from.</param>
/// <param name="State">How far this node has come with it.</param>
/// <param name="AckedOffset">The last offset that the replica reported as applied.</param>
/// <param name="LagBytes">How many bytes of the stream the replica has not yet reported as applied.</param>
/// <param name="LastAckAge">Time since the replica was last heard.</param>
/// <param name="RunId">The random name of the replica's process.</param>
public sealed record ReplicaInfo(
    string Address,
    ReplicaSessionState State,
    long AckedOffset,
    long LagBytes,
    TimeSpan LastAckAge,
    string RunId)
{
    /// <summary>Bytes of the stream that wait to be sent to it; counts against <c>ReplicaOutputLimit</c>.</summary>
    public long PendingBytes { get; init; }

    /// <summary>How far the replica's clock is ahead of this node's, or null before it is known.</summary>
    public TimeSpan? ClockSkew { get; init; }
}
