namespace EmbeddedRepl.Replication;

/// <summary>What became of the removal of several entries.</summary>
/// <param name="Count">How many were removed on a master, and how many the master was asked to remove on a replica.</param>
/// <param name="Result">Of the last one; null if there was none to remove.</param>
internal readonly record struct RemovedMany(long Count, WriteResult? Result);
