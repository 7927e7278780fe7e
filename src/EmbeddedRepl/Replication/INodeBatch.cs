using EmbeddedRepl.Replication.Runtime;

namespace EmbeddedRepl.Replication;

/// <summary>Many writes that a caller makes in their order, and how far that has got, whether this node makes them itself or its master does. For one caller.</summary>
internal interface INodeBatch
{
    /// <summary>Whether all are made.</summary>
    bool IsDone { get; }

    /// <summary>Begins to send the next ones to the master.</summary>
    /// <returns>To be waited for, and then to be <see cref="Confirm">confirmed</see>: what follows some that failed is not sent. Null if this node turned out to be a master.</returns>
    ForwardTask? ForwardNext(CallersWrites writes);

    /// <summary>Those under way are made.</summary>
    void Confirm(in WriteResult result);

    /// <summary>Makes them here, as far as this node is no replica that forwards writes.</summary>
    void WriteHere(NodeCore core, TimeProvider time);
}
