using EmbeddedRepl.Replication.Runtime;

namespace EmbeddedRepl.Replication;

/// <summary>A write that a caller makes on this node: what it is on a master, and what it is on a replica that forwards writes. Immutable, so that it can be tried again.</summary>
internal interface INodeWrite
{
    /// <summary>Begins to send it to the master.</summary>
    /// <returns>Null if this node turned out to be a master.</returns>
    ForwardTask? Forward(CallersWrites writes);

    /// <summary>Writes here.</summary>
    /// <returns>False, with nothing written, if this node became a replica that forwards writes since it was asked.</returns>
    bool TryHere(NodeCore core, TimeProvider time, out WriteResult result);
}
