namespace EmbeddedRepl.Storage;

/// <summary>An entry that eviction has chosen. Valid until the next change.</summary>
/// <param name="Slot">Where it is.</param>
/// <param name="Hash">Its hash, as far as a slot knows it: the first 30 bits.</param>
internal readonly record struct EvictionCandidate(SlotPosition Slot, ulong Hash);
