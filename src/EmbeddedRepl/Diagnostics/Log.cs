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

    [LoggerMessage(1002, LogLevel.Information, "Stopping node; waiting up to {Timeout} for {Replicas} replicas")]
    public static partial void NodeStopping(this ILogger logger, TimeSpan timeout, int replicas);

    [LoggerMessage(1003, LogLevel.Information, "Node stopped at offset {Offset}; {InSync} of {Replicas} replicas had everything")]
    public static partial void NodeStopped(this ILogger logger, long offset, int inSync, int replicas);

    [LoggerMessage(1004, LogLevel.Warning, "At stop, replica {Replica} still lacked {LagBytes} bytes of the stream; it will ask for them when this node is back")]
    public static partial void StoppedBeforeReplica(this ILogger logger, string replica, long lagBytes);

    [LoggerMessage(1010, LogLevel.Warning, "This node stands alone: {Section} sets neither Role nor Master, so it accepts writes, does not listen, and shares nothing. Set Master on replicas, or Role to Master on the master")]
    public static partial void StandAlone(this ILogger logger, string section);

    [LoggerMessage(1011, LogLevel.Warning, "Protected mode is off and no password is set: anyone who reaches {Listen} can read the whole cache. Set Password in {Section}")]
    public static partial void ProtectedModeOff(this ILogger logger, string listen, string section);

    [LoggerMessage(1012, LogLevel.Error, "Node could not start")]
    public static partial void StartFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1013, LogLevel.Warning, "Stopping took longer than allowed; connections are cut")]
    public static partial void StopTimedOut(this ILogger logger);

    // 1100–1199: listener and handshake, at the end that accepts

    [LoggerMessage(1100, LogLevel.Information, "Listening for replicas on {EndPoint}")]
    public static partial void Listening(this ILogger logger, string endPoint);

    [LoggerMessage(1101, LogLevel.Information, "No longer listening on {EndPoint}")]
    public static partial void ListenerClosed(this ILogger logger, string endPoint);

    [LoggerMessage(1102, LogLevel.Error, "Accepting on {EndPoint} failed; trying again in {Delay}")]
    public static partial void AcceptFailed(this ILogger logger, Exception exception, string endPoint, TimeSpan delay);

    [LoggerMessage(1103, LogLevel.Debug, "Connection from {Peer}")]
    public static partial void PeerConnected(this ILogger logger, string peer);

    [LoggerMessage(1110, LogLevel.Warning, "Refused {Peer}: protected mode. No password is set, so only peers on this machine are accepted. Set Password on this node and its replicas, or ProtectedMode to false")]
    public static partial void ProtectedModeRefused(this ILogger logger, string peer);

    [LoggerMessage(1111, LogLevel.Warning, "Refused {Peer} in the handshake ({Code}): {Reason}")]
    public static partial void HandshakeRefused(this ILogger logger, string peer, string code, string reason);

    [LoggerMessage(1112, LogLevel.Warning, "Cut {Peer}: the handshake was not finished within {Timeout}")]
    public static partial void HandshakeTimedOut(this ILogger logger, string peer, TimeSpan timeout);

    [LoggerMessage(1113, LogLevel.Warning, "Refused {Peer}: {Limit} replicas are connected already; raise MaxReplicas to allow more")]
    public static partial void TooManyReplicas(this ILogger logger, string peer, int limit);

    [LoggerMessage(1114, LogLevel.Warning, "Cut {Peer}: what it sent breaks the protocol: {Reason}")]
    public static partial void PeerBrokeProtocol(this ILogger logger, string peer, string reason);

    [LoggerMessage(1115, LogLevel.Information, "Handshake with replica {Replica} at {Peer} completed, protocol {Major}.{Minor}, password {PasswordUse}")]
    public static partial void ReplicaIdentified(this ILogger logger, string replica, string peer, int major, int minor, string passwordUse);

    // 1200–1299: link and handshake, at the end that connects

    [LoggerMessage(1200, LogLevel.Debug, "Connecting to master {Master}, attempt {Attempt}")]
    public static partial void LinkConnecting(this ILogger logger, string master, int attempt);

    [LoggerMessage(1201, LogLevel.Information, "Connected to master {Master}; handshaking")]
    public static partial void LinkConnected(this ILogger logger, string master);

    [LoggerMessage(1202, LogLevel.Information, "Link to master {Master} is up at offset {Offset}")]
    public static partial void LinkUp(this ILogger logger, string master, long offset);

    [LoggerMessage(1203, LogLevel.Warning, "Link to master {Master} is down at offset {Offset}: {Reason}. Reads go on")]
    public static partial void LinkDown(this ILogger logger, string master, long offset, string reason);

    [LoggerMessage(1204, LogLevel.Debug, "Next attempt to reach master {Master} in {Delay}")]
    public static partial void LinkRetry(this ILogger logger, string master, TimeSpan delay);

    [LoggerMessage(1205, LogLevel.Warning, "Master {Master} cannot be reached: {Reason}. Trying again until it can")]
    public static partial void MasterUnreachable(this ILogger logger, string master, string reason);

    [LoggerMessage(1206, LogLevel.Warning, "Nothing was heard of master {Master} for {Timeout}; the link is given up")]
    public static partial void MasterTimedOut(this ILogger logger, string master, TimeSpan timeout);

    [LoggerMessage(1210, LogLevel.Error, "Master {Master} refused this replica ({Code}): {Reason}")]
    public static partial void MasterRefused(this ILogger logger, string master, string code, string reason);

    [LoggerMessage(1211, LogLevel.Error, "This replica refuses master {Master} ({Code}): {Reason}")]
    public static partial void MasterNotAccepted(this ILogger logger, string master, string code, string reason);

    [LoggerMessage(1212, LogLevel.Warning, "Master {Master} did not finish the handshake within {Timeout}")]
    public static partial void LinkHandshakeTimedOut(this ILogger logger, string master, TimeSpan timeout);

    [LoggerMessage(1213, LogLevel.Warning, "What master {Master} sent breaks the protocol: {Reason}. The link is closed")]
    public static partial void MasterBrokeProtocol(this ILogger logger, string master, string reason);

    // 1300–1399: sync decisions at the end that decides

    [LoggerMessage(1300, LogLevel.Information, "Partial resync for {Replica}: continuing {ReplicationId} at offset {Offset} with {Bytes} bytes of the backlog")]
    public static partial void PartialResyncGranted(this ILogger logger, string replica, ReplicationId replicationId, long offset, long bytes);

    [LoggerMessage(1301, LogLevel.Information, "Full sync for {Replica}, because {Reason} (it asked for {ReplicationId} at offset {Offset})")]
    public static partial void FullSyncDecided(this ILogger logger, string replica, string reason, ReplicationId replicationId, long offset);

    [LoggerMessage(1302, LogLevel.Information, "Not now for {Replica}, because {Reason}; it will try again")]
    public static partial void NotNowDecided(this ILogger logger, string replica, string reason);

    [LoggerMessage(1303, LogLevel.Warning, "{Replica} refused a full sync and keeps its data ({Code}): {Reason}. If this node's data is the right one, call OverrideFullSyncRefusals here, or ReplicateFromAsync there")]
    public static partial void ReplicaRefusedFullSync(this ILogger logger, string replica, string code, string reason);

    // 1400–1499: full sync, at the end that sends

    [LoggerMessage(1400, LogLevel.Information, "{Replica} waits in line for a full sync at position {Position}; {Limit} run at a time (MaxConcurrentFullSyncs)")]
    public static partial void FullSyncWaiting(this ILogger logger, string replica, int position, int limit);

    [LoggerMessage(1401, LogLevel.Information, "Full sync to {Replica} started at offset {Offset}, about {Entries} entries")]
    public static partial void FullSyncSendStarted(this ILogger logger, string replica, long offset, long entries);

    [LoggerMessage(1402, LogLevel.Debug, "Full sync to {Replica}: pass {Pass}, {Entries} entries and {Bytes} bytes sent")]
    public static partial void FullSyncSendProgress(this ILogger logger, string replica, int pass, long entries, long bytes);

    [LoggerMessage(1403, LogLevel.Information, "Full sync to {Replica} sent: {Entries} entries, {Bytes} bytes in {Passes} passes and {Duration}, ending at offset {Offset}")]
    public static partial void FullSyncSendFinished(this ILogger logger, string replica, long entries, long bytes, int passes, TimeSpan duration, long offset);

    [LoggerMessage(1404, LogLevel.Warning, "Full sync to {Replica} ended after {Bytes} bytes and {Duration}: {Reason}")]
    public static partial void FullSyncSendFailed(this ILogger logger, string replica, long bytes, TimeSpan duration, string reason);

    // 1500–1599: sync, at the end that receives

    [LoggerMessage(1500, LogLevel.Debug, "Asking master {Master} to continue {ReplicationId} at offset {Offset}")]
    public static partial void SyncRequested(this ILogger logger, string master, ReplicationId replicationId, long offset);

    [LoggerMessage(1501, LogLevel.Information, "Partial resync: master {Master} continues {ReplicationId} at offset {Offset}")]
    public static partial void PartialResyncReceived(this ILogger logger, string master, ReplicationId replicationId, long offset);

    [LoggerMessage(1502, LogLevel.Information, "Not now, says master {Master}: {Reason}. Trying again in {Delay}")]
    public static partial void NotNowReceived(this ILogger logger, string master, string reason, TimeSpan delay);

    [LoggerMessage(1503, LogLevel.Information, "Waiting in line for a full sync from master {Master}, position {Position}")]
    public static partial void FullSyncWaitReceived(this ILogger logger, string master, int position);

    [LoggerMessage(1504, LogLevel.Error, "Refused a full sync from master {Master} ({Code}): {Reason}. This node keeps its data and keeps trying. If the master's data is the right one, call OverrideFullSyncRefusals there, or ReplicateFromAsync here")]
    public static partial void FullSyncRefused(this ILogger logger, string master, string code, string reason);

    [LoggerMessage(1505, LogLevel.Information, "Full sync from master {Master} started: {ReplicationId} from offset {Offset}, about {Entries} entries. The present data is served until it is complete")]
    public static partial void FullSyncLoadStarted(this ILogger logger, string master, ReplicationId replicationId, long offset, long entries);

    [LoggerMessage(1506, LogLevel.Debug, "Full sync from master {Master}: {Entries} entries, {Bytes} bytes loaded")]
    public static partial void FullSyncLoadProgress(this ILogger logger, string master, long entries, long bytes);

    [LoggerMessage(1507, LogLevel.Information, "Full sync from master {Master} completed: {Entries} entries, {Bytes} bytes in {Duration}; now serving {ReplicationId} at offset {Offset}")]
    public static partial void FullSyncLoadFinished(this ILogger logger, string master, long entries, long bytes, TimeSpan duration, ReplicationId replicationId, long offset);

    [LoggerMessage(1508, LogLevel.Warning, "Full sync from master {Master} ended after {Bytes} bytes and {Duration}: {Reason}. The present data is kept")]
    public static partial void FullSyncLoadFailed(this ILogger logger, string master, long bytes, TimeSpan duration, string reason);

    [LoggerMessage(1509, LogLevel.Warning, "A full sync replaced {ReplicationId} at offset {Offset} with another history; writes that only this node had, {LostBytes} bytes of stream, are gone")]
    public static partial void OwnWritesDiscarded(this ILogger logger, ReplicationId replicationId, long offset, long lostBytes);

    // 1600–1699: replica sessions

    [LoggerMessage(1600, LogLevel.Information, "Replica {Replica} is attached and streaming from offset {Offset}")]
    public static partial void ReplicaAttached(this ILogger logger, string replica, long offset);

    [LoggerMessage(1601, LogLevel.Information, "Replica {Replica} left at acknowledged offset {Offset}: {Reason}")]
    public static partial void ReplicaLeft(this ILogger logger, string replica, long offset, string reason);

    [LoggerMessage(1602, LogLevel.Warning, "Overrun: replica {Replica} fell behind by {LagBytes} bytes, over {Limit}, and is disconnected; it will sync again. Raise {Option} if this is normal load")]
    public static partial void ReplicaOverrun(this ILogger logger, string replica, long lagBytes, long limit, string option);

    [LoggerMessage(1603, LogLevel.Warning, "Nothing was heard of replica {Replica} for {Timeout}; it is disconnected")]
    public static partial void ReplicaTimedOut(this ILogger logger, string replica, TimeSpan timeout);

    [LoggerMessage(1604, LogLevel.Information, "The backlog was released: no replica for {TimeToLive}")]
    public static partial void BacklogReleased(this ILogger logger, TimeSpan timeToLive);

    [LoggerMessage(1605, LogLevel.Information, "Replica {Replica} is closed, because this node now serves another data set; it will sync again")]
    public static partial void ReplicaClosedAtSwap(this ILogger logger, string replica);

    // 1700–1799: digests and faults of the node itself

    [LoggerMessage(1700, LogLevel.Error, "Digest mismatch with master {Master} at offset {Offset}: this node has {Own}, the master {Masters}. Healing by a full sync")]
    public static partial void DigestMismatch(this ILogger logger, string master, long offset, string own, string masters);

    [LoggerMessage(1701, LogLevel.Debug, "Digest equals that of master {Master} at offset {Offset}")]
    public static partial void DigestEqual(this ILogger logger, string master, long offset);

    [LoggerMessage(1702, LogLevel.Error, "A record could not be applied at offset {Offset}; the link is closed and nothing of the record is visible")]
    public static partial void ApplyFailed(this ILogger logger, Exception exception, long offset);

    [LoggerMessage(1703, LogLevel.Error, "Background work '{Work}' failed")]
    public static partial void BackgroundWorkFailed(this ILogger logger, Exception exception, string work);

    // 1800–1899: roles and orders

    [LoggerMessage(1800, LogLevel.Information, "Ordered to replicate from {Master}; was {PreviousRole} of {ReplicationId} at offset {Offset}")]
    public static partial void ReplicateFromOrdered(this ILogger logger, string master, ReplicationRole previousRole, ReplicationId replicationId, long offset);

    [LoggerMessage(1801, LogLevel.Information, "Role changed from {From} to {To}")]
    public static partial void RoleChanged(this ILogger logger, ReplicationRole from, ReplicationRole to);

    [LoggerMessage(1802, LogLevel.Information, "Promoted to master: {ReplicationId} continues {PreviousReplicationId}, which ended at offset {Offset}")]
    public static partial void Promoted(this ILogger logger, ReplicationId replicationId, ReplicationId previousReplicationId, long offset);

    [LoggerMessage(1803, LogLevel.Warning, "Promotion refused: this node never held complete data. Use force if it is to start from what it has")]
    public static partial void PromotionRefused(this ILogger logger);

    [LoggerMessage(1804, LogLevel.Warning, "Refusals of full syncs are overridden for this run: replicas with other data will take this node's")]
    public static partial void RefusalsOverridden(this ILogger logger);

    [LoggerMessage(1805, LogLevel.Information, "The master announced a new replication id {ReplicationId} at offset {Offset}; this node follows")]
    public static partial void HistoryChanged(this ILogger logger, ReplicationId replicationId, long offset);
}
