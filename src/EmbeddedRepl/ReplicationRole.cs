namespace EmbeddedRepl;

/// <summary>What a node may do with the data set: write it, or follow a node that does.</summary>
public enum ReplicationRole
{
    /// <summary>Accepts writes and streams them to its replicas.</summary>
    Master = 0,

    /// <summary>Serves reads, refuses writes, and follows exactly one other node.</summary>
    Replica = 1,
}
