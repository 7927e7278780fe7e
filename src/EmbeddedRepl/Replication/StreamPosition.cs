namespace EmbeddedRepl.Replication;

/// <summary>A place on the line of a data set: so much of that history. Who has that much of it has everything that a node had which stood there.</summary>
/// <param name="Id">The history; <see cref="ReplicationId.None"/>, with offset 0, is where a node stands that holds nothing yet.</param>
/// <param name="Offset">An exclusive end, not negative.</param>
internal readonly record struct StreamPosition(ReplicationId Id, long Offset);
