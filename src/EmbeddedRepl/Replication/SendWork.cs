namespace EmbeddedRepl.Replication;

/// <summary>What a sender loop does next.</summary>
internal enum SendKind
{
    /// <summary>Nothing to send: wait for a signal.</summary>
    Wait,

    /// <summary>Send what was written to the output.</summary>
    Flush,

    /// <summary>Append a piece of the stream to the output, outside of the gate.</summary>
    Stream,

    /// <summary>Append a piece of the snapshot to the output, outside of the gate.</summary>
    Snapshot,

    /// <summary>Send what was written to the output, then close the connection.</summary>
    Close,
}

/// <summary>One step of a sender loop. Work with a lease must be completed under the gate.</summary>
internal readonly record struct SendWork(SendKind Kind, StreamLease Lease)
{
    public static SendWork Of(SendKind kind) => new(kind, default);
}
