using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Simulation.Model;

/// <summary>One entry as it must be on every node at some offset.</summary>
internal sealed record ModelEntry(byte[] Value, EntryExpiration Expiration, long Version, long LastChange, StoreDigest Share);

/// <summary>The state of a key from an offset on; null for "no entry".</summary>
internal readonly record struct ModelVersion(long Offset, ModelEntry? Entry);

/// <summary>What all nodes at one offset must agree on.</summary>
internal readonly record struct Boundary(UInt128 Digest, long Count);
