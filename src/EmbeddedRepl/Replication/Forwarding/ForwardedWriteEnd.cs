namespace EmbeddedRepl.Replication.Forwarding;

/// <summary>How a forwarded write ended for its caller.</summary>
internal enum ForwardedWriteEnd
{
    /// <summary>It has not ended.</summary>
    None,

    /// <summary>The master has it, and so has this node: a read here sees it.</summary>
    Done,

    /// <summary>Nothing was written: it never left this node.</summary>
    NotSent,

    /// <summary>Nothing was written: the master, or a node on the way, says why; of several operations the first ones may have been applied.</summary>
    Refused,

    /// <summary>It left this node and no answer came. It may have been applied or not.</summary>
    Unknown,

    /// <summary>The master has applied it, and this node did not get it in time, or never will because its data was replaced.</summary>
    NotHere,

    /// <summary>The caller gave up.</summary>
    Cancelled,

    /// <summary>This node stops; nothing was written.</summary>
    Stopped,
}
