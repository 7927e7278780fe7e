namespace EmbeddedRepl.Storage;

/// <summary>What the writer knows of one page, or of one free unit. A page is numbered by its first unit: segment × 32 + unit.</summary>
internal struct PageInfo
{
    /// <summary>The class of the page's blocks; 0 for a free unit.</summary>
    public int SizeClass;

    /// <summary>Blocks that hold an entry or lie in a magazine.</summary>
    public int LiveBlocks;

    /// <summary>Blocks that were ever handed out; those behind have never been used.</summary>
    public int UsedBlocks;

    /// <summary>The first block of the list of freed blocks, threaded through the blocks themselves; -1 at its end.</summary>
    public int FreeBlock;

    /// <summary>In a group's first unit: how many of the group's units are free.</summary>
    public int FreeUnits;

    /// <summary>The list that the page is in (its own number for the page's owner), or <see cref="PageList.None"/>.</summary>
    public int List;

    /// <summary>Neighbours in that list; -1 at its ends.</summary>
    public int Next;

    /// <inheritdoc cref="Next"/>
    public int Previous;
}
