using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <summary>A write of one entry: <see cref="EntryWrites"/> does what all of them do before it, and this what is its own.</summary>
internal interface IEntryWrite : INodeWrite
{
    /// <summary>The entry's key.</summary>
    string Key { get; }

    /// <summary>The length of the value, in bytes; 0 for a write that leaves no entry.</summary>
    long ValueLength { get; }

    /// <summary>The expiration that the caller asked for; none for a write that leaves no entry.</summary>
    WriteExpiration Expiration { get; }

    /// <summary>Writes. Under the gate.</summary>
    /// <param name="core">A node whose role was asked; it refuses what its state does not allow.</param>
    /// <param name="key">The key, hashed for the node's present data.</param>
    /// <param name="expiration">The expiration by the node's clock.</param>
    WriteResult Apply(NodeCore core, in StoreKey key, in EntryExpiration expiration);
}
