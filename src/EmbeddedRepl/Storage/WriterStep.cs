namespace EmbeddedRepl.Storage;

/// <summary>The points of the writer's protocol at which a test can suspend it. At each of them every reader finds a complete state.</summary>
internal enum WriterStep
{
    /// <summary>Memory for the new entry is taken, nothing is written.</summary>
    Allocated,

    /// <summary>The new entry is written and not yet reachable.</summary>
    Written,

    /// <summary>The slot points to the new entry, or is a tombstone.</summary>
    Published,

    /// <summary>The stripe's generation tells readers of the old entry.</summary>
    Bumped,

    /// <summary>The old entry's memory may be reused.</summary>
    Freed,

    /// <summary>Fresh index blocks are filled and not yet reachable.</summary>
    IndexBlocksFilled,

    /// <summary>One directory entry points to its fresh block, its neighbours may still point to the old one.</summary>
    DirectoryEntryPublished,

    /// <summary>The old index block may be reused.</summary>
    IndexBlockRecycled,

    /// <summary>The empty data of a clear, or the mark of a retired store, is in place; the old data's stripes are not bumped yet.</summary>
    DataReplaced,
}
