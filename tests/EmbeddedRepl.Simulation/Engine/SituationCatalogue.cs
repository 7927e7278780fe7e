namespace EmbeddedRepl.Simulation.Engine;

/// <summary>
/// The situations that a run of <see cref="SeedsForAll"/> seeds must come upon, each at least <see cref="Least"/> times: a simulation that never gets somewhere proves nothing about that place.
/// One is counted where it is observed, never where it is only intended.
/// </summary>
internal static class SituationCatalogue
{
    /// <summary>With so many seeds or more, all of them must have come up.</summary>
    public const long SeedsForAll = 2_000;

    /// <summary>How often, at least.</summary>
    public const long Least = 20;

    // Links.
    public static readonly Situation LinkLostInHandshake = new("link lost in the handshake", "a connection ended between the first hello and the last answer of the handshake");
    public static readonly Situation LinkLostBeforeSyncAnswer = new("link lost between sync request and answer", "the replica had asked to sync and knew nothing yet");
    public static readonly Situation LinkLostInLine = new("link lost while waiting in line", "the replica had been told its place in the line for a full sync");
    public static readonly Situation LinkLostInFirstSnapshot = new("link lost in the first snapshot", "the half-built data set was dropped, and the replica has nothing");
    public static readonly Situation LinkLostInSnapshotBesideData = new("link lost in a snapshot beside old data", "the half-built data set was dropped, and the old one is served on");
    public static readonly Situation LinkLostBeforeFirstRecord = new("link cut between snapshot end and first record", "the swap was made and nothing was streamed after it");
    public static readonly Situation LinkLostInsideRecord = new("link cut inside a record", "the replica had received a part of a record, which must not be applied");
    public static readonly Situation LinkLostWhileStreaming = new("link lost while streaming", "between records, after at least one");
    public static readonly Situation LinkLostInRecovery = new("link to a recovering master lost", "the replica had offered what it has, or was about to");
    public static readonly Situation HandshakeTimedOut = new("handshake timed out", "one end waited for HandshakeTimeout");
    public static readonly Situation CorruptionFoundByReplica = new("replica finds a corrupt byte", "a bit flipped on the way to a replica that had passed the handshake");
    public static readonly Situation CorruptionFoundByMaster = new("master finds a corrupt byte", "a bit flipped on the way to a master after the handshake");
    public static readonly Situation CorruptHandshake = new("handshake with a corrupt byte", "a bit flipped before the handshake was through");
    public static readonly Situation SilenceFoundByReplica = new("half-open link noticed by the replica", "nothing was heard from the master for LinkTimeout");
    public static readonly Situation SilenceFoundByMaster = new("half-open link noticed by the master", "nothing was heard from the replica for LinkTimeout");
    public static readonly Situation NoProgressOfReplica = new("replica that acknowledges and takes no data", "the master gave a session up because nothing could be sent for LinkTimeout");
    public static readonly Situation OverrunByWrites = new("slow replica beyond the output limit", "a write found that a replica holds back more than ReplicaOutputLimit");
    public static readonly Situation OverrunOverTime = new("slow replica beyond the soft limit", "a replica held back more than the soft limit for longer than it may");
    public static readonly Situation OrderEndsSnapshot = new("order ends a full sync", "the node was told to follow somebody else, or promoted, while it loaded");
    public static readonly Situation OrderEndsStreaming = new("order ends a streaming link", "the node was told to follow somebody else, or promoted, while it streamed");
    public static readonly Situation Superseded = new("replica is back before its old session ended", "a session was closed because its replica came by a newer connection");
    public static readonly Situation ClosedWithPieceUnderWay = new("session closed with a piece on its way out", "the sender held a piece of snapshot or stream when its session was closed");
    public static readonly Situation Cycle = new("cycle refused", "a node that follows this one was refused, or found itself upstream");

    // Sync requests.
    public static readonly Situation PartialOfCurrent = new("partial resync of a current replica", "the asker lacked nothing: continue with 0 bytes");
    public static readonly Situation PartialWithBytes = new("partial resync with bytes to catch up", "the asker lacked something that the backlog had");
    public static readonly Situation PartialAtFirstByte = new("partial resync exactly at the backlog's first byte", "the asker's offset was the first one that could be continued, and not the end");
    public static readonly Situation FullJustBeforeBacklog = new("full resync just in front of the backlog", "the asker lacked at most 2,000 bytes more than the backlog had");
    public static readonly Situation PartialAcrossPromotion = new("partial resync across a promotion", "the asker's id had been ended by a promotion");
    public static readonly Situation PartialAcrossRestart = new("partial resync across a restart", "the asker's id had been ended by a restart of its master");
    public static readonly Situation PartialAtAncestorEnd = new("partial resync exactly at an ancestor's end", "the asker had everything of its id and nothing of the next");
    public static readonly Situation FullBeyondAncestorEnd = new("asker beyond an ancestor's end", "the asker wrote on, or followed somebody who did, after its id had ended");
    public static readonly Situation FullUnknownId = new("asker of an unknown history", "the asker's id is on no line that is known here");
    public static readonly Situation NotNowLagging = new("asker ahead of the node that it asks", "a replica was asked by somebody who has more than itself");
    public static readonly Situation NotNowOwnLinkDown = new("asked while the own link is down", "a middle node could not continue the asker, and may not give a full sync");
    public static readonly Situation NotNowLoading = new("asked while the file is loaded", "a node was asked to sync before it had its data");
    public static readonly Situation NotNowRecovering = new("asked while recovering", "a restarted master was asked to sync before its recovery was over");
    public static readonly Situation RefusedUnrelated = new("full sync of an unrelated history refused", "above all an empty, restarted master that would have wiped its replica");
    public static readonly Situation RefusedAhead = new("full sync refused by a replica that is ahead", "the master came back with less than its replica has");
    public static readonly Situation AllowedByOrder = new("full sync allowed by an order", "the replica's data was given up because somebody ordered it");
    public static readonly Situation AllowedByOverride = new("full sync allowed by an override", "the master carries an operator's override");
    public static readonly Situation AllowedByPromotion = new("full sync allowed by a promotion", "an old master gives up what it wrote after its successor was promoted");
    public static readonly Situation WaitsInLine = new("full sync waits in line", "more replicas wanted a snapshot than MaxConcurrentFullSyncs");
    public static readonly Situation TurnInLine = new("turn comes in the line", "a replica that waited in line is sent its snapshot");

    // Snapshots.
    public static readonly Situation SetInSnapshot = new("set during a snapshot", "a master wrote while it sent a snapshot");
    public static readonly Situation RemoveInSnapshot = new("removal during a snapshot", "a caller removed an entry while a snapshot was sent");
    public static readonly Situation ClearInSnapshot = new("clear during a snapshot", "everything was removed while a snapshot was sent");
    public static readonly Situation ReturnInSnapshot = new("removed and set again during a snapshot", "a key was removed and set again while the same snapshot was sent");
    public static readonly Situation ExpiryInSnapshot = new("expiry during a snapshot", "a master removed expired entries while it sent a snapshot");
    public static readonly Situation IdChangesInSnapshot = new("id changes during a snapshot", "a node that sends a snapshot was promoted, or learnt of a promotion above it");
    public static readonly Situation TwoSnapshots = new("two snapshots at a time", "a node began to send a snapshot while it sent another one");
    public static readonly Situation MiddleSendsSnapshot = new("middle node sends a snapshot", "the sender is itself a replica");
    public static readonly Situation OldDataRead = new("read of old data during a full sync", "the replica answered from the data set that is being replaced");
    public static readonly Situation SwapClosesStreaming = new("swap while a sub-replica streams", "a node took another data set, and its sub-replica was sent away");
    public static readonly Situation SwapClosesSnapshot = new("swap while a sub-replica loads", "a node took another data set while it sent a snapshot of the old one");

    // Roles.
    public static readonly Situation PromotionInFullSync = new("promotion during a full sync", "the node was promoted while it loaded another data set");
    public static readonly Situation PromotionWithSubReplicas = new("promotion of a node with sub-replicas", "they are told the new id at exactly this offset");
    public static readonly Situation PromotionWhileSubLoads = new("promotion while a sub-replica loads", "the id changes in the middle of the snapshot that it is sent");
    public static readonly Situation PromotionWhileDown = new("promotion while the link is down", "the usual failover: the master is gone");
    public static readonly Situation PromotionWithUnanswered = new("promotion with forwarded writes unanswered", "callers on the promoted node had writes under way to the old master");
    public static readonly Situation SecondFailoverEarly = new("second failover before the first one's replicas have re-pointed", "a node was promoted that had not heard of the promotion before");
    public static readonly Situation TwoMasters = new("two masters take writes on lines that part", "a master wrote after another one, of the same origin, had been promoted");
    public static readonly Situation OldMasterGivesUp = new("old master gives up its extra writes", "it was demoted after it had written on, and takes over the line of its successor");
    public static readonly Situation OldMasterContinues = new("old master continues without a full sync", "it had written nothing after its successor's promotion");
    public static readonly Situation DemotedWithSubReplicas = new("master demoted while replicas are attached", "they stay, and get what it gets");
    public static readonly Situation DemotedWithAckWaits = new("master demoted while callers wait for acknowledgements", "they are released with an error");
    public static readonly Situation OrderToRestartedNode = new("order given to a node that loads its file", "the order comes before the data");

    // Recovery.
    public static readonly Situation RecoveryPartial = new("recovery takes the bytes that are missing", "a partial sync in reverse began");
    public static readonly Situation RecoveryFull = new("recovery takes everything", "a full sync in reverse began");
    public static readonly Situation RecoveryTaken = new("recovery has taken data", "the master serves what a replica had");
    public static readonly Situation RecoveryBroken = new("recovery transfer breaks off", "the best candidate was lost half-way");
    public static readonly Situation RecoveryUndecided = new("recovery cannot decide", "the candidates are not on one line");
    public static readonly Situation RecoveryEmpty = new("recovery ends with the own data", "nobody had anything better");
    public static readonly Situation RecoveryHandsUp = new("middle node hands offers up", "a sub-replica offered to a node that is itself a replica");
    public static readonly Situation MasterDiesInRecovery = new("master dies during its recovery", "and begins once more");
    public static readonly Situation SourceDiesInRecovery = new("replica dies while a master takes its data", "the transfer is lost");
    public static readonly Situation WriteRefusedInRecovery = new("write refused during recovery", "the master does not know yet what it has");

    // Clocks.
    public static readonly Situation JumpBackOnMaster = new("clock of a master set back", "entries live longer by as much");
    public static readonly Situation JumpForwardOnMaster = new("clock of a master set forward", "entries expire at once");
    public static readonly Situation JumpOnReplica = new("clock of a replica set", "it hides entries early or late, and removes none");
    public static readonly Situation JumpBackInRecovery = new("clock jumps back during a recovery window", "windows are measured on the monotonic clock");
    public static readonly Situation JumpInSnapshot = new("clock set during a snapshot", "of the sender or of the receiver");
    public static readonly Situation HiddenOnReplica = new("expired entry hidden by a replica", "its removal had not arrived: a read missed and the entry stayed");
    public static readonly Situation TouchRecord = new("touch record", "a read of a sliding entry was streamed");

    // Disks.
    public static readonly Situation Saved = new("snapshot file saved", "all of it, flushed and renamed");
    public static readonly Situation Loaded = new("snapshot file loaded", "a node began with what its file held");
    public static readonly Situation DiskFullInSave = new("disk full in the middle of a save", "the file ends short, the previous one stays");
    public static readonly Situation PowerLostInSave = new("power lost in the middle of a save", "the machine went down while a file was written aside");
    public static readonly Situation TornFileLeft = new("torn file left behind", "a power loss left a part of a file that was not flushed");
    public static readonly Situation SaveOvertaken = new("save given up for a swap", "the data set was replaced while it was saved");
    public static readonly Situation DiskLost = new("disk lost", "the node came back without its file");
    public static readonly Situation DiesWhileLoading = new("node dies while it loads its file", "and loads it again");
    public static readonly Situation ContinuesAfterLoad = new("replica continues from its file", "a restarted replica got what it missed, and no full sync");

    // Processes.
    public static readonly Situation MasterDiesInSnapshot = new("master dies in the middle of a snapshot", "while it sent one");
    public static readonly Situation ReplicaDiesInSnapshot = new("replica dies in the middle of a snapshot", "while it loaded one");
    public static readonly Situation AllDie = new("all nodes die at once", "as when a rack loses its power");
    public static readonly Situation MasterFrozenInSnapshot = new("master frozen while it sends a snapshot", "nothing goes out, nothing is noticed");
    public static readonly Situation ReplicaFrozenInSnapshot = new("replica frozen while it loads", "the sender's window fills");
    public static readonly Situation FrozenBeyondTimeout = new("frozen for longer than LinkTimeout", "both ends gave the link up meanwhile");
    public static readonly Situation OneWayCut = new("one direction of a link cut by a partition", "the other direction goes on; later everything arrives at once");
    public static readonly Situation SlowReader = new("replica reads slowly", "it took a long while for each piece during a while");

    // Master's memory.
    public static readonly Situation Evicted = new("eviction", "a master made room within MemoryLimit");
    public static readonly Situation ReplicaFull = new("replica at its memory limit", "its link ended because a record, or a full sync, did not fit");

    // Clients.
    public static readonly Situation AckedByOne = new("write acknowledged by one replica", "a caller was told so");
    public static readonly Situation AckedByTwo = new("write acknowledged by two replicas", "a caller was told so");
    public static readonly Situation AckTimedOut = new("acknowledgements did not come in time", "a caller was told how many there are");
    public static readonly Situation AckedThenPromoted = new("write acknowledged by k, master dies, acknowledger promoted", "and the write is there");
    public static readonly Situation AckedThenLost = new("write acknowledged by two, master and one of them die", "the other one is promoted, and the write is there");
    public static readonly Situation ForwardedThroughChain = new("write forwarded through a chain", "a node passed a request of somebody below on to its master");
    public static readonly Situation ForwardUnknown = new("forwarded write of unknown outcome", "the link ended before the answer came");
    public static readonly Situation ForwardNotHere = new("forwarded write that does not come back", "it was applied, and its caller's node is on another line now");
    public static readonly Situation CompareAndSetDone = new("compare-and-set done", "on a master, or through a replica");
    public static readonly Situation CompareAndSetConflict = new("compare-and-set in conflict", "the entry had another version");
    public static readonly Situation CompareAndRemoveDone = new("compare-and-remove done", "on a master, or through a replica");
    public static readonly Situation ForwardedComparison = new("forwarded comparison decided", "a replica's caller was told that it succeeded, or that it conflicts");
    public static readonly Situation TokenFollowed = new("token followed to another node", "its reader waited there, and has read what was written");
    public static readonly Situation TokenLost = new("token of a lost write", "its reader was told that the write is lost");
    public static readonly Situation WriteRefusedByReplica = new("write refused by a replica", "a caller wrote on a node that is no master");

    // Versions.
    public static readonly Situation OlderPeer = new("streaming with an older node", "a link streams whose ends do not offer the same");
    public static readonly Situation UnknownFields = new("frames with unknown fields", "a node sent frames of a newer minor version, and its peer streams");
    public static readonly Situation OlderCannotOffer = new("older replica at a recovering master", "it offers nothing and asks again");
    public static readonly Situation OlderTakesNoWrites = new("forwarded write refused for an older master", "nothing is sent that the peer would not understand");

    /// <summary>All of them, in the order of this file.</summary>
    public static IReadOnlyList<Situation> All { get; } =
    [
        LinkLostInHandshake, LinkLostBeforeSyncAnswer, LinkLostInLine, LinkLostInFirstSnapshot, LinkLostInSnapshotBesideData,
        LinkLostBeforeFirstRecord, LinkLostInsideRecord, LinkLostWhileStreaming, LinkLostInRecovery, HandshakeTimedOut, CorruptionFoundByReplica,
        CorruptionFoundByMaster, CorruptHandshake, SilenceFoundByReplica, SilenceFoundByMaster, NoProgressOfReplica, OverrunByWrites, OverrunOverTime,
        OrderEndsSnapshot, OrderEndsStreaming, Superseded, ClosedWithPieceUnderWay, Cycle, PartialOfCurrent, PartialWithBytes, PartialAtFirstByte,
        FullJustBeforeBacklog, PartialAcrossPromotion, PartialAcrossRestart, PartialAtAncestorEnd, FullBeyondAncestorEnd, FullUnknownId,
        NotNowLagging, NotNowOwnLinkDown, NotNowLoading, NotNowRecovering, RefusedUnrelated, RefusedAhead, AllowedByOrder, AllowedByOverride,
        AllowedByPromotion, WaitsInLine, TurnInLine, SetInSnapshot, RemoveInSnapshot, ClearInSnapshot, ReturnInSnapshot, ExpiryInSnapshot,
        IdChangesInSnapshot, TwoSnapshots, MiddleSendsSnapshot, OldDataRead, SwapClosesStreaming, SwapClosesSnapshot, PromotionInFullSync,
        PromotionWithSubReplicas, PromotionWhileSubLoads, PromotionWhileDown, PromotionWithUnanswered, SecondFailoverEarly, TwoMasters,
        OldMasterGivesUp, OldMasterContinues, DemotedWithSubReplicas, DemotedWithAckWaits, OrderToRestartedNode, RecoveryPartial, RecoveryFull,
        RecoveryTaken, RecoveryBroken, RecoveryUndecided, RecoveryEmpty, RecoveryHandsUp, MasterDiesInRecovery, SourceDiesInRecovery,
        WriteRefusedInRecovery, JumpBackOnMaster, JumpForwardOnMaster, JumpOnReplica, JumpBackInRecovery, JumpInSnapshot, HiddenOnReplica,
        TouchRecord, Saved, Loaded, DiskFullInSave, PowerLostInSave, TornFileLeft, SaveOvertaken, DiskLost, DiesWhileLoading, ContinuesAfterLoad,
        MasterDiesInSnapshot, ReplicaDiesInSnapshot, AllDie, MasterFrozenInSnapshot, ReplicaFrozenInSnapshot, FrozenBeyondTimeout, OneWayCut,
        SlowReader, Evicted, ReplicaFull, AckedByOne, AckedByTwo, AckTimedOut, AckedThenPromoted, AckedThenLost, ForwardedThroughChain,
        ForwardUnknown, ForwardNotHere, CompareAndSetDone, CompareAndSetConflict, CompareAndRemoveDone, ForwardedComparison, TokenFollowed, TokenLost,
        WriteRefusedByReplica, OlderPeer, UnknownFields, OlderCannotOffer, OlderTakesNoWrites,
    ];
}
