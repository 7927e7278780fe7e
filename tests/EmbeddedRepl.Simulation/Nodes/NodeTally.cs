using EmbeddedRepl.Replication;
using EmbeddedRepl.Simulation.Engine;

namespace EmbeddedRepl.Simulation.Nodes;

/// <summary>What was seen happening, counted independently of the core's own counters, which must say the same.</summary>
internal sealed class NodeTally
{
    public long SyncFull;
    public long SyncPartialOk;
    public long SyncPartialErr;
    public long NotNowAnswers;
    public long FullSyncsSent;
    public long FullSyncsCompleted;
    public long FullSyncsFailed;
    public long FullSyncsRefused;
    public long FullSyncsRefusedByReplica;
    public long PartialResyncsCompleted;
    public long OutputLimitDisconnects;
    public long HandshakesRefused;
    public long LinkFailures;

    public void CheckAgainst(SimulatedProcess process)
    {
        NodeCounters counters = process.Core.Counters;
        Check(nameof(SyncFull), SyncFull, counters.SyncFull);
        Check(nameof(SyncPartialOk), SyncPartialOk, counters.SyncPartialOk);
        Check(nameof(SyncPartialErr), SyncPartialErr, counters.SyncPartialErr);
        Check(nameof(NotNowAnswers), NotNowAnswers, counters.NotNowAnswers);
        Check(nameof(FullSyncsCompleted), FullSyncsCompleted, counters.FullSyncsCompleted);
        Check(nameof(FullSyncsFailed), FullSyncsFailed, counters.FullSyncsFailed);
        Check(nameof(FullSyncsRefused), FullSyncsRefused, counters.FullSyncsRefused);
        Check(nameof(FullSyncsRefusedByReplica), FullSyncsRefusedByReplica, counters.FullSyncsRefusedByReplica);
        Check(nameof(PartialResyncsCompleted), PartialResyncsCompleted, counters.PartialResyncsCompleted);
        Check(nameof(OutputLimitDisconnects), OutputLimitDisconnects, counters.OutputLimitDisconnects);
        Check(nameof(HandshakesRefused), HandshakesRefused, counters.HandshakesRefused);
        Check(nameof(LinkFailures), LinkFailures, counters.LinkFailures);

        void Check(string name, long seen, long counted)
        {
            if (seen != counted)
            {
                throw new SimulationFailedException($"{process.Name} counted {name} {counted}, but {seen} were seen.");
            }
        }
    }

    /// <summary>Peers are honest here, so nobody may be accused of breaking the protocol unless a bit was flipped on the way.</summary>
    public static void CheckLinkEnd(SimulatedProcess process, CloseReason reason, string message)
    {
        bool isSuspicious = reason is CloseReason.ProtocolViolation or CloseReason.DigestMismatch
            || (reason == CloseReason.StoreFull && !process.WasLimited)
            || (reason == CloseReason.HandshakeRefused && !IsHonestRefusal(message));
        if (isSuspicious && process.Link?.Driver?.Connection.WasCorrupted != true)
        {
            throw new SimulationFailedException($"{process.Name}'s link ended for {reason}: {message}");
        }
    }

    /// <inheritdoc cref="CheckLinkEnd"/>
    public static void CheckSessionEnd(SimulatedProcess process, string peer, CloseReason reason, string message)
    {
        bool isSuspicious = reason is CloseReason.ProtocolViolation or CloseReason.DigestMismatch
            || (reason == CloseReason.StoreFull && !process.WasLimited)
            || (reason == CloseReason.HandshakeRefused && !IsHonestRefusal(message));
        SessionDriver? driver = process.Sessions.FirstOrDefault(session => session.Session.Peer == peer);
        if (isSuspicious && driver?.Connection.WasCorrupted != true)
        {
            throw new SimulationFailedException($"{process.Name}'s session of {peer} ended for {reason}: {message}");
        }
    }

    // A cycle, or a node that took another data set in the middle of the handshake.
    private static bool IsHonestRefusal(string message) =>
        message.Contains("cycle", StringComparison.Ordinal) || message.Contains("HistoryReplaced", StringComparison.Ordinal);
}
