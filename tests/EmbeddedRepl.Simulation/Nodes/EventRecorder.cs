using System.Globalization;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Recovery;
using EmbeddedRepl.Replication.Replica;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Model;
using static EmbeddedRepl.Simulation.Engine.SituationCatalogue;

namespace EmbeddedRepl.Simulation.Nodes;

/// <summary>Turns what a core tells into lines of the trace, situations, and tallies that must agree with its counters.</summary>
internal sealed class EventRecorder(SimulatedProcess process) : INodeEvents
{
    private CloseReason _lastSessionClose;
    private string _phase = "";
    private long _swappedAt = -1;
    private long _loadStart;
    private bool _hasTaken;
    private (bool IsGivenUp, ReplicationId Id, long Offset) _taking;

    public NodeTally Tally { get; } = new();

    /// <summary>How often this process took over another data set.</summary>
    public int Swaps { get; private set; }

    /// <summary>Why the last full sync was allowed; null if none ever was.</summary>
    public ConfirmationReason? LastConfirmed { get; private set; }

    /// <summary>Called when a full sync is allowed.</summary>
    public Action<ConfirmationReason> WhenConfirmed { get; set; } = _ => { };

    /// <summary>Called when the link streams.</summary>
    public Action WhenLinkUp { get; set; } = () => { };

    /// <summary>Data was taken in a recovery, or a part of it, by a master or by a node on the way; called with whether an order had given it up where it was.</summary>
    public Action<bool> WhenTookFromBelow { get; set; } = _ => { };

    /// <summary>Called when a full sync is refused.</summary>
    public Action<ConfirmationReason> WhenRefused { get; set; } = _ => { };

    /// <summary>Called with peer, verdict and the asker's position when a replica has asked to sync.</summary>
    public Action<string, SyncVerdict, ReplicationId, long> WhenDecided { get; set; } = (_, _, _, _) => { };

    /// <summary>Called when a full sync begins to be sent.</summary>
    public Action<string> WhenFullSyncStarted { get; set; } = _ => { };

    public Action<long> WhenBacklogReleased { get; set; } = _ => { };

    /// <summary>Called when a data set was loaded and is served from now on, with the offset from which on it has the stream, if that is known.</summary>
    public Action<long?> WhenSwapped { get; set; } = _ => { };

    /// <summary>Called when a recovered master begins its history.</summary>
    public Action WhenRecovered { get; set; } = () => { };

    /// <summary>What this node may go on from if it recovers; null where nobody watches.</summary>
    public RecoveryModel? Recovery { get; set; }

    public void RoleChanged(ReplicationRole role, ReplicationId id, long offset) => Add($"is {role} at {id.ToString()[..6]}:{offset}");

    public void LinkConnecting(string master, int attempt)
    {
        Add($"connects to {master}, attempt {attempt}");
        _phase = "in connecting, handshake or sync request";
        _swappedAt = -1;
    }

    public void LinkUp(string master, ReplicationId id, long offset)
    {
        Add($"streams from {master} at {id.ToString()[..6]}:{offset}");
        _phase = _swappedAt >= 0 ? _phase : "while streaming";
        WhenLinkUp();
    }

    public void LinkDown(string master, CloseReason reason, string message, long retryInMilliseconds)
    {
        Add($"link to {master} is down: {reason}, {message}");
        Count($"replica's link ended: {reason}");
        bool hasMoved = _swappedAt >= 0 && _swappedAt != process.Core.Data.Offset;
        Count($"link lost {(hasMoved ? "while streaming" : _phase)}");
        Tally.LinkFailures++;
        NodeTally.CheckLinkEnd(process, reason, message);
    }

    public void LinkStopped(string master, CloseReason reason, bool wasUp)
    {
        Add($"follows {master} no longer: {reason}");
        Count(wasUp ? "link that streamed was ended by an order" : "link that did not stream was ended by an order");
    }

    public void WritesAllowedChanged(bool areAllowed, int goodReplicas, int neededReplicas) =>
        Add($"{(areAllowed ? "accepts" : "refuses")} writes with {goodReplicas} of {neededReplicas} replicas");

    public void BacklogReleased(long offset)
    {
        Add($"gives its backlog back at {offset}");
        Count("backlog given back");
        WhenBacklogReleased(offset);
    }

    public void PartialResyncStarted(string master, ReplicationId id, long offset)
    {
        Add($"continues from {master} at {id.ToString()[..6]}:{offset}");
        Tally.PartialResyncsCompleted++;
        Count(ContinuesAfterLoad, process.HasLoaded && Tally is { PartialResyncsCompleted: 1, FullSyncsCompleted: 0 });
    }

    public void FullSyncWaiting(string master, int position)
    {
        Count("replica was told its place in the line");
        _phase = "while waiting in line";
    }

    public void FullSyncReceiving(string master, ReplicationId id, long startOffset, long entryEstimate)
    {
        Add($"receives a full sync of {id.ToString()[..6]}:{startOffset}");
        _phase = "during a snapshot";
        _loadStart = startOffset;
        Count(process.Core.Data.HoldsData ? "full sync begins beside data that is served" : "full sync begins on an empty replica");
    }

    public void FullSyncReceived(string master, ReplicationId id, long offset, long entries, long bytes, long milliseconds)
    {
        Add($"took over {id.ToString()[..6]}:{offset}, {entries} entries");
        Tally.FullSyncsCompleted++;
        Count("full sync completed");
        if (_lastSessionClose == CloseReason.DataSwapped)
        {
            Count("node with sub-replicas took another data set");
            _lastSessionClose = CloseReason.None;
        }

        _phase = "after the end of a snapshot, before the first record";
        _swappedAt = offset;
        Swaps++;
        process.Watch.SwappedAt = offset;
        WhenSwapped(_loadStart);
    }

    public void FullSyncDiscarded(string master, string reason)
    {
        Add($"discards a half-built data set: {reason}");
        Tally.FullSyncsFailed++;
        Count(process.Core.Data.HoldsData ? "half-built data set dropped, old data kept" : "half-built data set dropped");
    }

    public void FullSyncConfirmed(string master, ConfirmationReason reason, long discardedBytes)
    {
        Add($"allows a full sync: {reason}");
        Count($"full sync allowed: {reason}");
        Count(AllowedByOrder, reason == ConfirmationReason.Ordered);
        Count(AllowedByOverride, reason == ConfirmationReason.Overridden);
        Count(AllowedByPromotion, reason == ConfirmationReason.EndedByPromotion);
        LastConfirmed = reason;
        _phase = "after a full sync was allowed, before it began";
        WhenConfirmed(reason);
    }

    public void FullSyncRefused(string master, ConfirmationReason reason)
    {
        Add($"refuses a full sync: {reason}");
        Count($"full sync refused: {reason}");
        Count(RefusedUnrelated, reason == ConfirmationReason.UnrelatedHistory);
        Count(RefusedAhead, reason == ConfirmationReason.ReplicaIsAhead);
        Tally.FullSyncsRefused++;
        WhenRefused(reason);
    }

    public void DigestMismatch(string master, long offset) =>
        throw new SimulationFailedException($"{process.Name} reports a digest mismatch with {master} at offset {offset}.");

    public void SessionOpened(string peer) => Add($"accepts {peer}");

    public void SessionClosed(string peer, CloseReason reason, string message)
    {
        Add($"session of {peer} is over: {reason}, {message}");
        Count($"replica session ended: {reason}");
        Count(OlderCannotOffer, reason == CloseReason.NotNow && process.Core.Recovery is not null && PeerOf(peer) is { } asker && !asker.Core.Settings.OfferedCapabilities.HasFlag(Capabilities.Recovery));
        _lastSessionClose = reason;
        Recovery?.Left(peer, reason);
        NodeTally.CheckSessionEnd(process, peer, reason, message);
    }

    public void ReplicaStreaming(string peer, long offset) => Add($"streams to {peer} from {offset}");

    public void ReplicaLeft(string peer, long offset, CloseReason reason, string message) => Add($"{peer} left at {offset}");

    public void HandshakeRefused(string peer, ErrorCode code, string message)
    {
        Add($"refuses the handshake of {peer}: {code}, {message}");
        Count($"handshake refused: {code}");
        Count(Cycle, code == ErrorCode.Cycle);
        Tally.HandshakesRefused++;
    }

    public void SyncDecided(string peer, SyncVerdict verdict, ReplicationId askedId, long askedOffset)
    {
        Add($"answers {peer}, which asks for {(askedId.IsNone ? "anything" : askedId.ToString()[..6])}:{askedOffset}: {verdict.Answer}, {verdict.Reason}");
        Tally.SyncPartialErr += verdict.IsPartialRefused ? 1 : 0;
        Tally.SyncPartialOk += verdict.Answer == SyncAnswer.Continue ? 1 : 0;
        Count($"sync request: {verdict.Answer}, {verdict.Reason}");
        DataSet data = process.Core.Data;
        if (verdict.Answer == SyncAnswer.Continue)
        {
            bool isCurrent = askedOffset == data.Offset;
            Count(isCurrent ? PartialOfCurrent : PartialWithBytes, true);
            Count(PartialAtFirstByte, !isCurrent && askedOffset == data.Log.FirstOffset);
            if (data.History.Ancestors.FirstOrDefault(ancestor => ancestor.Id == askedId) is { EndedBy: not 0 } ended)
            {
                Count(ended.EndedBy == AncestorEnd.Promotion ? PartialAcrossPromotion : PartialAcrossRestart, true);
                Count(PartialAtAncestorEnd, askedOffset == ended.EndOffset);
            }
        }

        Count(FullJustBeforeBacklog, verdict is { Answer: SyncAnswer.Full, Reason: SyncReason.OlderThanBacklog } && data.Log.FirstOffset - askedOffset <= 2_000);
        Count(FullBeyondAncestorEnd, verdict is { Answer: SyncAnswer.Full, Reason: SyncReason.BeyondAncestorEnd });
        Count(FullUnknownId, verdict is { Answer: SyncAnswer.Full, Reason: SyncReason.UnknownId });
        Count(NotNowLagging, verdict.Answer == SyncAnswer.NotNow);
        WhenDecided(peer, verdict, askedId, askedOffset);
    }

    public void SyncNotNow(string peer, string reason)
    {
        Add($"answers {peer} not now: {reason}");
        Count($"not now: {reason}");
        Count(NotNowOwnLinkDown, reason.Contains("own link", StringComparison.Ordinal));
        Count(NotNowLoading, process.Core.IsLoading && process.Core.Recovery is null);
        Count(NotNowRecovering, process.Core.Recovery is not null);
        Tally.NotNowAnswers++;
        if (process.Core.Recovery is not null)
        {
            Recovery?.Asked(peer);
        }
    }

    public void FullSyncQueued(string peer, int position)
    {
        Add($"{peer} waits in line as number {position}");
        Count(WaitsInLine, true);
    }

    public void FullSyncStarted(string peer, long startOffset, long entries)
    {
        Add($"sends a snapshot of {entries} entries to {peer} from {startOffset}");
        Tally.SyncFull++;
        WhenFullSyncStarted(peer);
    }

    public void FullSyncSent(string peer, long entries, long bytes, long endOffset, long milliseconds)
    {
        Add($"sent a snapshot to {peer} up to {endOffset}");
        Tally.FullSyncsSent++;
    }

    public void FullSyncRefusedByReplica(string peer, string message)
    {
        Add($"{peer} refuses");
        Tally.FullSyncsRefusedByReplica++;
    }

    public void ReplicaOverrun(string peer, long pendingBytes, long limit)
    {
        Add($"{peer} is overrun: {pendingBytes} > {limit}");
        Count(limit < process.Core.Settings.EffectiveOutputLimit ? OverrunOverTime : OverrunByWrites, true);
        Tally.OutputLimitDisconnects++;
    }

    public void RecoveryStarted(long windowMilliseconds, long limitMilliseconds)
    {
        Add("recovers");
        Recovery?.Started();
    }

    public void RecoveryOffered(string peer, RecoveryCandidate candidate)
    {
        Add($"is offered {Name(candidate)} by {peer}, {candidate.Source}");
        if (process.Core.Recovery is not null)
        {
            Recovery?.Offered(peer, candidate);
        }
    }

    public void RecoveryTaking(string peer, RecoveryMode mode, RecoveryCandidate candidate)
    {
        Add($"takes {Name(candidate)} from {peer}, {mode}");
        Count(mode == RecoveryMode.Partial ? RecoveryPartial : RecoveryFull, true);
        if (candidate.IsGivenUp)
        {
            Count("recovery takes what an order gave up");
        }

        _taking = (candidate.IsGivenUp, process.Core.Data.History.Id, process.Core.Data.Offset);
        if (process.Core.Recovery is not null)
        {
            Recovery?.Taking(peer, candidate);
        }
    }

    public void RecoveryAwaiting(string peer, RecoveryCandidate candidate, long milliseconds)
    {
        Add($"waits for {peer} to offer {Name(candidate)} again, for {milliseconds} ms at the longest");
        Count("recovery waits for an offer that was lost");
    }

    public void RecoveryTaken(string peer, ReplicationId id, long offset, long entries)
    {
        Add($"took {id.ToString()[..6]}:{offset} from {peer}");
        Count(SituationCatalogue.RecoveryTaken, true);
        _hasTaken = true;
        Swaps++;

        // What a recovery may give up is what lies past a promotion: the same that an old master gives up; and what it took although an order had given it up.
        LastConfirmed = Recovery is { IsFreeToReplace: true } ? ConfirmationReason.Ordered : ConfirmationReason.EndedByPromotion;
        Recovery?.Took();
        WhenSwapped(null);
        WhenTookFromBelow(_taking.IsGivenUp);
    }

    public void RecoveryFailed(string peer, string reason)
    {
        Add($"could not take data from {peer}: {reason}");
        if (reason.Contains(nameof(TransferResult.Broken), StringComparison.Ordinal) && (_taking.Id, _taking.Offset) != (process.Core.Data.History.Id, process.Core.Data.Offset))
        {
            WhenTookFromBelow(_taking.IsGivenUp);
        }

        Recovery?.Took();
        Count(RecoveryBroken, true);
    }

    public void RecoveryUndecided(string reason)
    {
        Add($"cannot decide: {reason}");
        Count(SituationCatalogue.RecoveryUndecided, true);
        Recovery?.Undecided();
    }

    public void RecoveryEnded(ReplicationId id, long offset, long entries, long milliseconds)
    {
        Add($"has recovered at {id.ToString()[..6]}:{offset}");
        Count(RecoveryEmpty, !_hasTaken);
        Recovery?.Ended();
        WhenRecovered();
    }

    public void RecoveryOffering(string master, RecoveryCandidate candidate)
    {
        Add($"offers {Name(candidate)} to {master}, {candidate.Source}");
        Count(RecoveryHandsUp, candidate.Holder != process.Core.RunId);
    }

    public void RecoveryGiving(string master, RecoveryMode mode, ReplicationId id, long offset)
    {
        Add($"gives {id.ToString()[..6]}:{offset} to {master}, {mode}");
        process.Watch.Gives();
    }

    private static string Name(RecoveryCandidate candidate) =>
        candidate.History.IsNone ? "nothing" : $"{candidate.History.Id.ToString()[..6]}:{candidate.Offset}";

    // A session's peer is called "name#number of its connection".
    private SimulatedProcess? PeerOf(string peer) => process.Peer(peer[..peer.IndexOf('#', StringComparison.Ordinal)]);

    private void Count(string detail) => process.Situations.Count(detail);

    private void Count(Situation situation, bool isSo)
    {
        if (isSo)
        {
            process.Situations.Count(situation);
        }
    }

    private void Add(string line) => process.Trace.Add(string.Create(CultureInfo.InvariantCulture, $"{process.Name} {line}"));
}
