using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication.Forwarding;

/// <summary>A touch from below that waits on this node to go up.</summary>
/// <param name="Originator">The process on which the entry was read.</param>
/// <param name="Session">As in <see cref="TouchRequestFrame"/>.</param>
/// <param name="Touch">As it came.</param>
/// <param name="ArrivedAt">When it came, in milliseconds of the monotonic clock: the time that it waits here adds to its age.</param>
internal readonly record struct RelayedTouch(RunId Originator, long Session, KeyTouch Touch, long ArrivedAt);
