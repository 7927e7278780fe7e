namespace EmbeddedRepl.Replication;

/// <summary>Where a position lies for a node, by what it serves.</summary>
internal enum PositionVerdict
{
    /// <summary>The node has it.</summary>
    Reached,

    /// <summary>It is on the node's line, and the node has not come so far.</summary>
    Ahead,

    /// <summary>The node knows that history, and its own line left it before that place. It can only get there by another data set.</summary>
    Left,

    /// <summary>The node does not know that history, at least not yet.</summary>
    Unknown,
}
