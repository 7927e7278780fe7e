namespace EmbeddedRepl.Replication;

/// <summary>
/// The expiration that a caller asked for. The node turns it into absolute UTC milliseconds of its own clock, rounding up, so that
/// nothing expires earlier than asked; a deadline past the end of the calendar means its end.
/// </summary>
/// <param name="AbsoluteUtc">When to expire; was in the future when the facade looked, so a deadline that has passed since is no error.
/// Null when <paramref name="Relative"/> is set, which wins.</param>
/// <param name="Relative">How long from now until it expires; positive.</param>
/// <param name="Sliding">For how long without a read until it expires, capped by the two others; positive.</param>
internal readonly record struct WriteExpiration(DateTimeOffset? AbsoluteUtc, TimeSpan? Relative, TimeSpan? Sliding);
