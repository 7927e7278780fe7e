namespace EmbeddedRepl.Replication.Recovery;

/// <summary>What a holder said last.</summary>
/// <param name="Peer">How the replica is called over which it came.</param>
/// <param name="Candidate">The offer.</param>
/// <param name="LeftAt">When that replica's connection was lost, in milliseconds of the node's clock; meaningless while it is there.</param>
internal sealed record HeardOffer(string Peer, RecoveryCandidate Candidate, long LeftAt);
