namespace EmbeddedRepl;

/// <summary>What becomes of a write that is made on a replica.</summary>
public enum ReplicaWrites
{
    /// <summary>It is refused with a <see cref="ReadOnlyReplicaException"/>, as Redis does.</summary>
    Reject = 0,

    /// <summary>
    /// It is sent up the replica's link, applied by the master in its order, and returns when the replica itself has it: the caller reads its own write.
    /// What a web application wants, whose sessions and caches write on the instance that serves the request.
    /// </summary>
    Forward = 1,
}
