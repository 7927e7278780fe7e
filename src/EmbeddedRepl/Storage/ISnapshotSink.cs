namespace EmbeddedRepl.Storage;

/// <summary>Receives the entries of a snapshot, on the thread that drives the cursor and without the gate.</summary>
internal interface ISnapshotSink
{
    /// <summary>One entry; it may come again if it was changed meanwhile.</summary>
    /// <param name="entry">Valid during the call.</param>
    void Entry(in SnapshotEntry entry);
}
