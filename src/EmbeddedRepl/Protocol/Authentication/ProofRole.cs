namespace EmbeddedRepl.Protocol;

/// <summary>Whose proof it is. The role goes into the proof, so that a peer cannot send a node's own proof back to it.</summary>
internal enum ProofRole
{
    /// <summary>The side that opened the connection.</summary>
    Replica,

    /// <summary>The side that accepted it.</summary>
    Master,
}
