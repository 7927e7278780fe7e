using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.Diagnostics;

/// <summary>
/// Every log message of the library. No message carries a key, a value, a password or anything computed from one; texts that come
/// from a peer are passed as arguments, never as a template. Event ids are stable, a message that goes leaves its number unused:
/// <list type="bullet">
/// <item>1000–1099 life of a node and warnings about its configuration</item>
/// <item>1100–1199 listener and handshake, at the end that accepts</item>
/// <item>1200–1299 link and handshake, at the end that connects</item>
/// <item>1300–1399 sync decisions at the end that decides</item>
/// <item>1400–1499 full sync, at the end that sends</item>
/// <item>1500–1599 sync, at the end that receives</item>
/// <item>1600–1699 replica sessions</item>
/// <item>1700–1799 digests and faults of the node itself</item>
/// <item>1800–1899 roles and orders of an operator</item>
/// <item>1900–1999 the snapshot file</item>
/// <item>2000–2099 recovery of a restarted master, at both ends</item>
/// <item>2100–2199 writes that callers do not hear of</item>
/// <item>2200–2299 certificates</item>
/// </list>
/// Levels: information tells the story of every link and sync; warning asks for attention; error means that something is wrong
/// which does not heal without somebody's doing, or that data would have been wrong. Progress and retries are debug.
/// </summary>
internal static partial class Log
{
    /// <summary>The log category of a cache: <c>EmbeddedRepl</c>, followed by the cache's name unless it is the default one.</summary>
    public static string Category(string cacheName) => cacheName == "default" ? "EmbeddedRepl" : "EmbeddedRepl." + cacheName;

    // 1000–1099: life of a node

    [LoggerMessage(1000, LogLevel.Information, "Starting node {RunId} of cache '{CacheName}' as {Role}, master {Master}, listening on {Listen}")]
    public static partial void NodeStarting(this ILogger logger, string runId, string cacheName, ReplicationRole role, string master, string listen);

    [LoggerMessage(1001, LogLevel.Information, "Node started with replication id {ReplicationId} at offset {Offset}")]
    public static partial void NodeStarted(this ILogger logger, ReplicationId replicationId, long offset);

    [LoggerMessage(1003, LogLevel.Information, "Node stopped at offset {Offset}; {InSync} of {Replicas} replicas had everything")]
    public static partial void NodeStopped(this ILogger logger, long offset, int inSync, int replicas);

    [LoggerMessage(1010, LogLevel.Warning, "This node stands alone: {Section} sets neither Role nor Master, so it accepts writes, does not listen, and shares nothing. Set Master on replicas, or Role to Master on the master")]
    public static partial void StandAlone(this ILogger logger, string section);

    [LoggerMessage(1011, LogLevel.Warning, "Protected mode is off and no password is set: anyone who reaches {Listen} can read the whole cache. Set Password in {Section}")]
    public static partial void ProtectedModeOff(this ILogger logger, string listen, string section);

    [LoggerMessage(1012, LogLevel.Error, "Node could not start")]
    public static partial void StartFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1013, LogLevel.Warning, "Replicas had not acknowledged everything within ShutdownTimeout; connections are cut")]
    public static partial void StopTimedOut(this ILogger logger);

    [LoggerMessage(1014, LogLevel.Warning, "This node is not ready within ReadyTimeout ({Timeout}), and the application starts all the same: it has no complete data yet, and the link to master {Link}")]
    public static partial void StartedNotReady(this ILogger logger, TimeSpan timeout, string link);

    // 1100–1199: listener and handshake, at the end that accepts

    [LoggerMessage(1100, LogLevel.Information, "Listening for replicas on {EndPoint}")]
    public static partial void Listening(this ILogger logger, string endPoint);

    [LoggerMessage(1102, LogLevel.Error, "Accepting on {EndPoint} failed; trying again in {Delay}")]
    public static partial void AcceptFailed(this ILogger logger, Exception exception, string endPoint, TimeSpan delay);

    [LoggerMessage(1103, LogLevel.Debug, "Connection from {Peer}")]
    public static partial void PeerConnected(this ILogger logger, string peer);

    [LoggerMessage(1111, LogLevel.Warning, "Refused {Peer} in the handshake ({Code}): {Reason}")]
    public static partial void HandshakeRefused(this ILogger logger, string peer, string code, string reason);

    // 1200–1299: link and handshake, at the end that connects

    [LoggerMessage(1200, LogLevel.Debug, "Connecting to master {Master}, attempt {Attempt}")]
    public static partial void LinkConnecting(this ILogger logger, string master, int attempt);

    [LoggerMessage(1202, LogLevel.Information, "Link to master {Master} is up at offset {Offset}")]
    public static partial void LinkUp(this ILogger logger, string master, long offset);

    [LoggerMessage(1203, LogLevel.Warning, "Link to master {Master} is down: {Reason} Reads go on, and so do the attempts")]
    public static partial void LinkDown(this ILogger logger, string master, string reason);

    [LoggerMessage(1204, LogLevel.Debug, "Next attempt to reach master {Master} in {Delay}")]
    public static partial void LinkRetry(this ILogger logger, string master, TimeSpan delay);

    // 1300–1399: sync decisions at the end that decides

    [LoggerMessage(1300, LogLevel.Information, "Partial resync for {Replica}: continuing {ReplicationId} at offset {Offset}")]
    public static partial void PartialResyncGranted(this ILogger logger, string replica, ReplicationId replicationId, long offset);

    [LoggerMessage(1301, LogLevel.Information, "Full sync for {Replica}, because {Reason} (it asked for {ReplicationId} at offset {Offset})")]
    public static partial void FullSyncDecided(this ILogger logger, string replica, string reason, ReplicationId replicationId, long offset);

    [LoggerMessage(1302, LogLevel.Information, "Not now for {Replica}, because {Reason}; it will try again")]
    public static partial void NotNowDecided(this ILogger logger, string replica, string reason);

    [LoggerMessage(1303, LogLevel.Warning, "{Replica} refused a full sync and keeps its data: {Reason} If this node's data is the right one, call OverrideFullSyncRefusals here, or ReplicateFromAsync there")]
    public static partial void ReplicaRefusedFullSync(this ILogger logger, string replica, string reason);

    // 1400–1499: full sync, at the end that sends

    [LoggerMessage(1400, LogLevel.Information, "{Replica} waits in line for a full sync at position {Position} (MaxConcurrentFullSyncs run at a time)")]
    public static partial void FullSyncWaiting(this ILogger logger, string replica, int position);

    [LoggerMessage(1401, LogLevel.Information, "Full sync to {Replica} started at offset {Offset}, about {Entries} entries")]
    public static partial void FullSyncSendStarted(this ILogger logger, string replica, long offset, long entries);

    [LoggerMessage(1403, LogLevel.Information, "Full sync to {Replica} sent: {Entries} entries, {Bytes} bytes in {Duration}, ending at offset {Offset}")]
    public static partial void FullSyncSendFinished(this ILogger logger, string replica, long entries, long bytes, TimeSpan duration, long offset);

    // 1500–1599: sync, at the end that receives

    [LoggerMessage(1501, LogLevel.Information, "Partial resync: master {Master} continues {ReplicationId} at offset {Offset}")]
    public static partial void PartialResyncReceived(this ILogger logger, string master, ReplicationId replicationId, long offset);

    [LoggerMessage(1503, LogLevel.Information, "Waiting in line for a full sync from master {Master}, position {Position}")]
    public static partial void FullSyncWaitReceived(this ILogger logger, string master, int position);

    [LoggerMessage(1504, LogLevel.Error, "Refused a full sync from master {Master} ({Code}): {Reason} This node keeps its data and keeps trying. If the master's data is the right one, call OverrideFullSyncRefusals there, or ReplicateFromAsync here")]
    public static partial void FullSyncRefused(this ILogger logger, string master, string code, string reason);

    [LoggerMessage(1505, LogLevel.Information, "Full sync from master {Master} started: {ReplicationId} from offset {Offset}, about {Entries} entries. The present data is served until it is complete")]
    public static partial void FullSyncLoadStarted(this ILogger logger, string master, ReplicationId replicationId, long offset, long entries);

    [LoggerMessage(1507, LogLevel.Information, "Full sync from master {Master} completed: {Entries} entries, {Bytes} bytes in {Duration}; now serving {ReplicationId} at offset {Offset}")]
    public static partial void FullSyncLoadFinished(this ILogger logger, string master, long entries, long bytes, TimeSpan duration, ReplicationId replicationId, long offset);

    [LoggerMessage(1509, LogLevel.Warning, "A full sync from {Master} will replace this node's history; writes that only this node had, {LostBytes} bytes of stream, are given up")]
    public static partial void OwnWritesDiscarded(this ILogger logger, string master, long lostBytes);

    [LoggerMessage(1510, LogLevel.Warning, "The full sync from master {Master} is discarded: {Reason} The present data is kept")]
    public static partial void FullSyncDiscarded(this ILogger logger, string master, string reason);

    [LoggerMessage(1511, LogLevel.Information, "The full sync that master {Master} offers is accepted, because {Reason}")]
    public static partial void FullSyncConfirmed(this ILogger logger, string master, string reason);

    // 1600–1699: replica sessions

    [LoggerMessage(1600, LogLevel.Information, "Replica {Replica} is attached and streaming from offset {Offset}")]
    public static partial void ReplicaAttached(this ILogger logger, string replica, long offset);

    [LoggerMessage(1602, LogLevel.Warning, "Overrun: replica {Replica} fell behind by {LagBytes} bytes, over {Limit}, and is disconnected; it will sync again. Raise ReplicaOutputLimit, or ReplicaOutputSoftLimit if that was it, if this is normal load")]
    public static partial void ReplicaOverrun(this ILogger logger, string replica, long lagBytes, long limit);

    [LoggerMessage(1606, LogLevel.Information, "Connection of {Peer} closed ({Code}): {Reason}")]
    public static partial void SessionClosed(this ILogger logger, string peer, string code, string reason);

    [LoggerMessage(1610, LogLevel.Information, "Replica {Replica} had everything when this node stopped")]
    public static partial void ReplicaHadEverything(this ILogger logger, string replica);

    [LoggerMessage(1611, LogLevel.Warning, "Replica {Replica} lacked {LagBytes} bytes when this node stopped; it had acknowledged offset {AckedOffset} and is {State}")]
    public static partial void ReplicaLacked(this ILogger logger, string replica, long lagBytes, long ackedOffset, ReplicaSessionState state);

    [LoggerMessage(1620, LogLevel.Warning, "Writes are refused: {Good} replicas follow closely, and MinReplicasToWrite demands {Needed} that acknowledged within MinReplicasMaxLag. Reads go on")]
    public static partial void WritesSuspended(this ILogger logger, int good, int needed);

    [LoggerMessage(1621, LogLevel.Information, "Writes are accepted: {Good} replicas follow closely, of {Needed} that MinReplicasToWrite demands")]
    public static partial void WritesResumed(this ILogger logger, int good, int needed);

    [LoggerMessage(1630, LogLevel.Information, "The memory of the backlog was given back at offset {Offset}: no replica was attached for BacklogTimeToLive. One that is exactly current continues, any other gets a full sync")]
    public static partial void BacklogReleased(this ILogger logger, long offset);

    [LoggerMessage(1690, LogLevel.Warning, "{Count} log messages are missing here: the application's logging takes them more slowly than they come")]
    public static partial void LogMessagesDropped(this ILogger logger, long count);

    // 1700–1799: digests and faults of the node itself

    [LoggerMessage(1700, LogLevel.Error, "The digest differs from that of master {Master} at offset {Offset}: this node's data is not the master's. A full sync heals it")]
    public static partial void DigestMismatch(this ILogger logger, string master, long offset);

    [LoggerMessage(1703, LogLevel.Error, "Background work '{Work}' failed")]
    public static partial void BackgroundWorkFailed(this ILogger logger, Exception exception, string work);

    // 1800–1899: roles and orders

    [LoggerMessage(1800, LogLevel.Information, "This node is now {Role} of {ReplicationId} at offset {Offset}")]
    public static partial void RoleIs(this ILogger logger, ReplicationRole role, ReplicationId replicationId, long offset);

    [LoggerMessage(1804, LogLevel.Warning, "Refusals of full syncs are overridden for this run: replicas with other data will take this node's")]
    public static partial void RefusalsOverridden(this ILogger logger);

    [LoggerMessage(1814, LogLevel.Information, "Listening for replicas on {EndPoint} has ended; replicas that came by it stay")]
    public static partial void ListeningEnded(this ILogger logger, string endPoint);

    [LoggerMessage(1815, LogLevel.Information, "The configuration has changed: {Settings}")]
    public static partial void ConfigurationApplied(this ILogger logger, string settings);

    [LoggerMessage(1816, LogLevel.Error, "A change of the configuration is ignored as a whole, and this node goes on as it is: {Problem}")]
    public static partial void ConfigurationIgnored(this ILogger logger, string problem);

    [LoggerMessage(1817, LogLevel.Warning, "The configuration has changed, but these settings act only from the next start on: {Settings}")]
    public static partial void ConfigurationAtNextStart(this ILogger logger, string settings);

    [LoggerMessage(1818, LogLevel.Error, "{EndPoint} was closed to make room for an address that could not be opened then, and could not be opened again: no replica can come by it")]
    public static partial void ListeningLost(this ILogger logger, Exception exception, string endPoint);

    [LoggerMessage(1812, LogLevel.Error, "A handler of the event {Event} failed; the others are called all the same")]
    public static partial void EventHandlerFailed(this ILogger logger, Exception exception, string @event);

    [LoggerMessage(1813, LogLevel.Warning, "More than {Limit} events wait for the application's handlers, so the oldest are left out. A handler takes too long, or does not return. Said once")]
    public static partial void EventsLeftOut(this ILogger logger, int limit);

    [LoggerMessage(1810, LogLevel.Information, "Link to master {Master} was ended here ({Reason}); this node follows it no longer")]
    public static partial void LinkStopped(this ILogger logger, string master, string reason);

    [LoggerMessage(1811, LogLevel.Information, "Replica {Replica} has left; it had acknowledged offset {Offset} ({Code}): {Reason}")]
    public static partial void ReplicaLeft(this ILogger logger, string replica, long offset, string code, string reason);

    // 1900–1999: the snapshot file

    [LoggerMessage(1900, LogLevel.Information, "Loaded {Path}: {Entries} entries from {Bytes} bytes in {Duration}, {ReplicationId} at offset {Offset}")]
    public static partial void SnapshotLoaded(this ILogger logger, string path, long entries, long bytes, TimeSpan duration, ReplicationId replicationId, long offset);

    [LoggerMessage(1901, LogLevel.Information, "There is no {Path} yet; starting without data")]
    public static partial void SnapshotMissing(this ILogger logger, string path);

    [LoggerMessage(1902, LogLevel.Error, "{Path} is ignored, as IgnoreDamagedSnapshot says, and this node starts without data: {Reason} The file is kept as {Kept}")]
    public static partial void SnapshotIgnored(this ILogger logger, string path, string reason, string kept);

    [LoggerMessage(1903, LogLevel.Information, "Removed {File}, which an interrupted save left behind")]
    public static partial void SnapshotLeftoverRemoved(this ILogger logger, string file);

    [LoggerMessage(1910, LogLevel.Information, "Saved {Path}: {Entries} entries in {Bytes} bytes, in {Duration}, {ReplicationId} at offset {Offset}")]
    public static partial void SnapshotSaved(this ILogger logger, string path, long entries, long bytes, TimeSpan duration, ReplicationId replicationId, long offset);

    [LoggerMessage(1911, LogLevel.Error, "{Path} could not be saved: {Reason} The previous file is as it was, the cache goes on; no further attempt by itself for {Delay}")]
    public static partial void SnapshotFailed(this ILogger logger, Exception exception, string path, string reason, TimeSpan delay);

    [LoggerMessage(1912, LogLevel.Warning, "The last save of {Path} was not completed within ShutdownTimeout; the previous file is as it was")]
    public static partial void SnapshotNotSavedAtStop(this ILogger logger, string path);

    // 2000–2099: recovery of a restarted master

    [LoggerMessage(2000, LogLevel.Information, "This master asks its replicas for what it lacks, for {Window} and at the longest for {Limit}; writes wait until then")]
    public static partial void RecoveryStarted(this ILogger logger, TimeSpan window, TimeSpan limit);

    [LoggerMessage(2001, LogLevel.Information, "{Replica} offers {ReplicationId} at offset {Offset} with {Entries} entries, from {Source}")]
    public static partial void RecoveryOffered(this ILogger logger, string replica, ReplicationId replicationId, long offset, long entries, string source);

    [LoggerMessage(2002, LogLevel.Information, "Taking data from {Replica} ({Mode}): {ReplicationId} at offset {Offset} with {Entries} entries")]
    public static partial void RecoveryTaking(this ILogger logger, string replica, string mode, ReplicationId replicationId, long offset, long entries);

    [LoggerMessage(2003, LogLevel.Information, "Took the data of {Replica}: now serving {ReplicationId} at offset {Offset} with {Entries} entries")]
    public static partial void RecoveryTaken(this ILogger logger, string replica, ReplicationId replicationId, long offset, long entries);

    [LoggerMessage(2004, LogLevel.Warning, "Taking data from {Replica} failed: {Reason}")]
    public static partial void RecoveryFailed(this ILogger logger, string replica, string reason);

    [LoggerMessage(2005, LogLevel.Error, "{Reason}")]
    public static partial void RecoveryUndecided(this ILogger logger, string reason);

    [LoggerMessage(2006, LogLevel.Information, "This master accepts writes: it continues as {ReplicationId} at offset {Offset} with {Entries} entries, {Duration} after it began to listen")]
    public static partial void RecoveryEnded(this ILogger logger, ReplicationId replicationId, long offset, long entries, TimeSpan duration);

    [LoggerMessage(2007, LogLevel.Warning, "{Replica} offered {ReplicationId} at offset {Offset} with {Entries} entries and is gone; without it this master would go on from less, so it waits for it for {Duration} at the longest, and writes wait")]
    public static partial void RecoveryAwaiting(this ILogger logger, string replica, ReplicationId replicationId, long offset, long entries, TimeSpan duration);

    [LoggerMessage(2010, LogLevel.Information, "Master {Master} recovers; offering it {ReplicationId} at offset {Offset} with {Entries} entries, from {Source}")]
    public static partial void RecoveryOffering(this ILogger logger, string master, ReplicationId replicationId, long offset, long entries, string source);

    [LoggerMessage(2011, LogLevel.Information, "Giving data to master {Master} ({Mode}): {ReplicationId} at offset {Offset}")]
    public static partial void RecoveryGiving(this ILogger logger, string master, string mode, ReplicationId replicationId, long offset);

    // 2100–2199: writes that callers do not hear of

    [LoggerMessage(2100, LogLevel.Warning, "{Count} values were computed by GetOrSet and not cached since this was last said; callers got them all the same. The last one because of {Exception}: {Reason}")]
    public static partial void ValuesNotCached(this ILogger logger, long count, string exception, string reason);

    // 2200–2299: certificates

    [LoggerMessage(2200, LogLevel.Information, "TLS for those who connect: {Listener}; to the master: {Link}; certificate of this node: {Certificate}")]
    public static partial void TlsInUse(this ILogger logger, bool listener, bool link, string certificate);

    [LoggerMessage(2201, LogLevel.Information, "{What} was renewed: new connections use '{Subject}', valid until {NotAfter:u}; those that exist stay")]
    public static partial void CertificateRenewed(this ILogger logger, string what, string subject, DateTime notAfter);

    [LoggerMessage(2202, LogLevel.Warning, "{What} has changed and cannot be used, so what was loaded before stays in use: {Problem} Said once for each content")]
    public static partial void CertificateNotUsable(this ILogger logger, string what, string problem);

    [LoggerMessage(2203, LogLevel.Information, "{What} has changed: new connections are checked by it; those that exist stay")]
    public static partial void TrustedCertificatesRenewed(this ILogger logger, string what);

    [LoggerMessage(2204, LogLevel.Warning, "The certificate of this node, '{Subject}', is valid from {NotBefore:u} to {NotAfter:u} and not now: other nodes will refuse it. Renew it, and look at the clock of this machine")]
    public static partial void CertificateOutOfTime(this ILogger logger, string subject, DateTime notBefore, DateTime notAfter);
}
