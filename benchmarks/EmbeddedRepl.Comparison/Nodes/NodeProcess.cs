namespace EmbeddedRepl.Comparison.Nodes;

/// <summary>A node of ours in a process of its own. <see cref="NodeChild"/> is the other end.</summary>
internal sealed class NodeProcess : ChildProcess
{
    /// <summary>Starts one; returns when the node has started, which for a replica is before it has data.</summary>
    /// <param name="settings">Options as in a configuration: <c>Master=127.0.0.1:6390</c>, <c>BacklogSize=1048576</c>.</param>
    public NodeProcess(params string[] settings)
        : base(NodeChild.Verb, settings)
    {
    }

    /// <summary>A master with an address of its own, that begins with nothing.</summary>
    public static NodeProcess StartMaster(params string[] settings) => new(LocalNode.OfMaster(settings));

    /// <summary>A replica of a node.</summary>
    public static NodeProcess StartReplica(NodeProcess master, params string[] settings) => new([$"Master={master.Info().Address}", .. settings]);

    /// <summary>A replica that listens, too, so that others can follow it.</summary>
    public static NodeProcess StartMiddle(NodeProcess master, params string[] settings) => new([$"Master={master.Info().Address}", "Listen:0=127.0.0.1:0", .. settings]);

    public NodeInfo Info() => NodeInfo.Parse(Ask("info"));

    /// <summary>Waits until it has complete data and its link streams.</summary>
    public void WaitForStreaming() => Ask("streaming");

    /// <summary>Waits until it has applied the stream up to an offset.</summary>
    public void WaitForOffset(long offset) => Ask($"offset {offset}");
}
