namespace EmbeddedRepl.Protocol;

/// <summary>What became of a forwarded write. A later version may know more codes; a reader passes unknown ones on as numbers.</summary>
internal enum WriteStatus
{
    /// <summary>Applied; the position is the end of its records.</summary>
    Applied = 1,

    /// <summary>There was nothing to change; the position is the master's current one.</summary>
    Unchanged = 2,

    /// <summary>Not applied: no master could be reached from the node that answers.</summary>
    NoMaster = 3,

    /// <summary>Not applied: fewer replicas are in step than the master wants.</summary>
    TooFewReplicas = 4,

    /// <summary>Not applied: a newer session of the same originator has been seen.</summary>
    Fenced = 5,

    /// <summary>Not applied: a key or value is larger than the master accepts, or the store is full.</summary>
    TooLarge = 6,

    /// <summary>Not applied: the master refuses for the reason in the message.</summary>
    Refused = 7,

    /// <summary>A node on the way passed it on, and its connection broke before the answer came: it may have been applied or not.</summary>
    Unknown = 8,

    /// <summary>Not applied: the entry does not have the version that the caller expects; the position is the master's current one, where its version is another.</summary>
    Conflict = 9,
}
