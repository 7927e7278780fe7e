namespace EmbeddedRepl.Replication;

/// <summary>What became of a set that depended on the version of its entry.</summary>
/// <param name="Result">Of the write; a conflict has a place, too: that of what conflicts.</param>
/// <param name="Version">The version that the entry has now; null if it had another one than expected.</param>
internal readonly record struct ComparedWrite(WriteResult Result, EntryVersion? Version);
