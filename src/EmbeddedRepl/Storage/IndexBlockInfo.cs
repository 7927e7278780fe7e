namespace EmbeddedRepl.Storage;

/// <summary>What the writer knows of one index block.</summary>
internal struct IndexBlockInfo
{
    /// <summary>How many leading bits of the hash the entries of the block share.</summary>
    public int Depth;

    /// <summary>Slots that point to an entry.</summary>
    public int Live;

    /// <summary>Slots that are tombstones.</summary>
    public int Tombstones;

    /// <summary>No entry of the block expires before this moment (UTC ms); <see cref="long.MaxValue"/> if none expires at all.</summary>
    public long MinDeadline;
}
