using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication.Forwarding;

/// <summary>A touch from below that waits on this node to go up, or has gone up lately.</summary>
/// <param name="Originator">The process on which the entry was read.</param>
/// <param name="Session">As in <see cref="TouchRequestFrame"/>.</param>
/// <param name="Touch">As it came.</param>
/// <param name="ArrivedAt">When it came, in milliseconds of the monotonic clock: the time that it waits here adds to its age.</param>
/// <param name="PassedUpAt">When it went up, by the same clock; means nothing while it waits.</param>
internal readonly record struct RelayedTouch(RunId Originator, long Session, KeyTouch Touch, long ArrivedAt, long PassedUpAt = 0);
