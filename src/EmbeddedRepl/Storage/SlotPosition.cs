namespace EmbeddedRepl.Storage;

/// <summary>Where a key is in the index, or where it would go; valid until the next change of the index.</summary>
/// <param name="Block">The index block.</param>
/// <param name="Position">The slot in it.</param>
/// <param name="Address">The entry's address, or <see cref="NoEntry"/>.</param>
internal readonly record struct SlotPosition(int Block, int Position, long Address)
{
    /// <summary>There is no such entry.</summary>
    public const long NoEntry = 0;

    /// <summary>Whether there is such an entry.</summary>
    public bool IsFound => Address != NoEntry;
}
