namespace EmbeddedRepl.Storage;

/// <summary>An entry that eviction has chosen. Valid until the next change.</summary>
/// <param name="Slot">Where it is.</param>
/// <param name="Hash">The upper half of its hash.</param>
internal readonly record struct EvictionCandidate(SlotPosition Slot, ulong Hash);
