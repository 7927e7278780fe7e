namespace EmbeddedRepl.Samples.Cluster.Nodes;

/// <summary>What the demo has done with a node's process.</summary>
internal enum NodeCondition
{
    /// <summary>There is no process: not yet started, killed, or stopped.</summary>
    Down = 0,

    /// <summary>The process was started and does not take traffic yet.</summary>
    Starting = 1,

    /// <summary>The process runs and takes traffic.</summary>
    Serving = 2,

    /// <summary>The process exists and does nothing; its connections stay open.</summary>
    Frozen = 3,
}
