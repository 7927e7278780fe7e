namespace EmbeddedRepl.Replication;

/// <summary>How far a wait for a position is, and how it ended.</summary>
internal enum PositionWaitState
{
    Waiting,

    /// <summary>This node has it.</summary>
    Reached,

    /// <summary>This node's line left that history before the position, and nothing is under way that could bring it back.</summary>
    Left,

    /// <summary>The time is over.</summary>
    TimedOut,

    /// <summary>The node stops.</summary>
    Stopped,

    /// <summary>The caller gave up.</summary>
    Cancelled,
}
