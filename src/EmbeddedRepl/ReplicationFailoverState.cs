namespace EmbeddedRepl;

/// <summary>How far a hand-over of the master's role has come.</summary>
public enum ReplicationFailoverState
{
    /// <summary>None is under way.</summary>
    None = 0,
}
