using System.Text.Json.Serialization;
using EmbeddedRepl.Diagnostics;

namespace EmbeddedRepl;

/// <summary>
/// Settings of a replicated cache; bound from the configuration section <c>ReplicatedCache</c>. Checked at start: a value out of its
/// range stops the application with a message that names the key. Editing the configuration of a running application acts at once, except where a
/// setting says otherwise; an edit that is not valid is logged and ignored as a whole. Not thread-safe; the object itself is not to be changed
/// after the start.
/// </summary>
public sealed class ReplicatedCacheOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "ReplicatedCache";

    /// <summary>Name of the configuration section that holds one section for each keyed cache.</summary>
    public const string NamedSectionName = "ReplicatedCaches";

    /// <summary>Largest key that can be allowed, in UTF-8 bytes.</summary>
    public const int MaxKeySizeLimit = 65_000;

    /// <summary>Largest value that can be allowed, in bytes.</summary>
    public const int MaxValueSizeLimit = 1 << 30;

    /// <summary>The role of this node.</summary>
    /// <value>Default null: a replica if <see cref="Master"/> is set, otherwise a stand-alone master, which does not listen.</value>
    public ReplicationRole? Role { get; set; }

    /// <summary>The node to follow, as <c>host:port</c>.</summary>
    /// <value>
    /// Default null. Required if <see cref="Role"/> is <see cref="ReplicationRole.Replica"/>, refused if it is
    /// <see cref="ReplicationRole.Master"/>. A blank one counts as none. The port is 6390 if left out; IPv6 as <c>[::1]:6390</c>.
    /// </value>
    public string? Master { get; set; }

    /// <summary>Name of the cache; nodes with different names refuse each other. A change acts at the next start.</summary>
    /// <value>Default <c>default</c>, or the name it was registered under; 1 to 128 characters, no control characters.</value>
    public string CacheName { get; set; } = "default";

    /// <summary>Addresses to accept replicas on, as <c>host:port</c>; <c>*:6390</c> for every address of the machine.</summary>
    /// <value>
    /// Default empty: a node whose <see cref="Role"/> is set to master listens on <c>127.0.0.1:6390</c>, a replica does not listen. At
    /// most 16. Refused on a stand-alone node, which has neither <see cref="Role"/> nor <see cref="Master"/> and never listens. Port 0
    /// lets the system choose one.
    /// </value>
    public IList<string> Listen { get; } = [];

    /// <summary>The password that this node demands of replicas.</summary>
    /// <value>Default null: none. 1 to 512 UTF-8 bytes; an empty one is refused at start, since it is most often a variable that was not set.</value>
    [JsonIgnore]
    public string? Password { get; set; }

    /// <summary>Passwords that this node accepts besides <see cref="Password"/>, for rotation.</summary>
    /// <value>Default empty; at most 8, each as <see cref="Password"/>, which must be set, too.</value>
    [JsonIgnore]
    public IList<string> AcceptedPasswords { get; } = [];

    /// <summary>The password that this node offers to its master.</summary>
    /// <value>Default null: the same as <see cref="Password"/>. 1 to 512 UTF-8 bytes.</value>
    [JsonIgnore]
    public string? MasterPassword { get; set; }

    /// <summary>Whether peers from other machines are refused as long as no password is set.</summary>
    /// <value>Default true.</value>
    public bool ProtectedMode { get; set; } = true;

    /// <summary>How connections between nodes are encrypted.</summary>
    /// <value>Default: they are not.</value>
    public ReplicatedCacheTlsOptions Tls { get; } = new();

    /// <summary>
    /// The host under which this node is listed at its master, where the address that its connections come from is of no use, as behind a NAT or in a container. For information only, as Redis'
    /// <c>replica-announce-ip</c>. Acts at the next connection.
    /// </summary>
    /// <value>Default null: the address that the connection comes from. A host name or an IP address.</value>
    public string? AnnouncedHost { get; set; }

    /// <summary>The port under which this node is listed at its master; as Redis' <c>replica-announce-port</c>. Acts at the next connection.</summary>
    /// <value>Default 0: the port that the connection comes from. 0 to 65535.</value>
    public int AnnouncedPort { get; set; }

    /// <summary>How many replicas should be attached to this node; with fewer, health is degraded. A starting master also goes by it: see <see cref="RecoveryWindow"/>.</summary>
    /// <value>Default 0; 0 to 1000, not more than <see cref="MaxReplicas"/>.</value>
    public int ExpectedReplicas { get; set; }

    /// <summary>Bytes of stream kept for partial resyncs. A replica that was away while more than that was written gets a full sync.</summary>
    /// <value>Default 16 MiB; 0 to 64 GiB. With 0 only a replica that is exactly current continues.</value>
    public long BacklogSize { get; set; } = 16L << 20;

    /// <summary>
    /// After how long without any replica a master gives the memory of the backlog back. The window is then empty and stands at the current end: a replica that comes back
    /// exactly current continues, any other gets a full sync.
    /// </summary>
    /// <value>Default 1 hour; 0 to 365 days, 0 never gives it back.</value>
    public TimeSpan BacklogTimeToLive { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// How many replicas must follow this master closely (see <see cref="MinReplicasMaxLag"/>) for it to accept writes. With fewer, a write throws
    /// <see cref="NotEnoughReplicasException"/>, reads go on, and health is degraded. Narrows what can be lost, and does not exclude it: use
    /// <see cref="IReplicatedCache.WaitForReplicasAsync"/> to know that replicas have a write.
    /// </summary>
    /// <value>Default 0: writes need no replica. 0 to 1000, not more than <see cref="MaxReplicas"/>; refused on a stand-alone node, which never has any.</value>
    public int MinReplicasToWrite { get; set; }

    /// <summary>How long ago a replica may have acknowledged at most to count for <see cref="MinReplicasToWrite"/>.</summary>
    /// <value>Default 10 s; 100 ms to 1 hour; longer than <see cref="AckInterval"/> if <see cref="MinReplicasToWrite"/> is set.</value>
    public TimeSpan MinReplicasMaxLag { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How much of the stream a slow replica may hold back before it is disconnected and syncs again, in bytes; never less in effect than <see cref="BacklogSize"/>.</summary>
    /// <value>Default 256 MiB; 64 KiB to 64 GiB.</value>
    public long ReplicaOutputLimit { get; set; } = 256L << 20;

    /// <summary>How much of the stream a slow replica may hold back for longer than <see cref="ReplicaOutputSoftTime"/>, in bytes; beyond it is disconnected, too. Never less in effect than <see cref="BacklogSize"/>.</summary>
    /// <value>Default 64 MiB; 64 KiB to 64 GiB.</value>
    public long ReplicaOutputSoftLimit { get; set; } = 64L << 20;

    /// <summary>For how long a replica may stay above <see cref="ReplicaOutputSoftLimit"/>.</summary>
    /// <value>Default 60 s; 1 s to 1 day.</value>
    public TimeSpan ReplicaOutputSoftTime { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How many full syncs this node sends at a time; further replicas wait in line.</summary>
    /// <value>Default 2; 1 to 1000.</value>
    public int MaxConcurrentFullSyncs { get; set; } = 2;

    /// <summary>How often this node pings its replicas; a replica compares its data with its master's at each of them.</summary>
    /// <value>Default 10 s; 100 ms to 1 hour.</value>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a replica acknowledges its offset at the latest.</summary>
    /// <value>Default 1 s; 50 ms to 1 minute.</value>
    public TimeSpan AckInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>After how long without a word from the other end a link is given up, on both ends.</summary>
    /// <value>Default 60 s; 500 ms to 1 day; longer than <see cref="HeartbeatInterval"/> and <see cref="AckInterval"/>.</value>
    public TimeSpan LinkTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a replica tries to open a connection; then it pauses and tries again.</summary>
    /// <value>Default 5 s; 100 ms to 5 minutes.</value>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a handshake may take, on both ends; then the connection is cut, and the replica tries again.</summary>
    /// <value>Default 5 s; 100 ms to 5 minutes.</value>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest pause between two attempts of a replica to reach its master.</summary>
    /// <value>Default 1 s; 10 ms to 5 minutes. The first attempt is made at once; each pause is drawn at random from the upper half of the current step.</value>
    public TimeSpan ReconnectDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a starting master waits for its replicas, to take from them what it lacks, before it accepts writes. It waits no longer than
    /// until every one of <see cref="ExpectedReplicas"/> has answered, and longer, up to <see cref="RecoveryLimit"/>, while one loads its file or
    /// hands data over, or while <see cref="ExpectedReplicas"/> is set and nobody has answered.
    /// </summary>
    /// <value>
    /// Default 3 s; 0 to 10 minutes. 0 turns recovery off: the master begins with what it has, and
    /// replicas that have more refuse to lose it. It passes by the application's <see cref="TimeProvider"/>.
    /// </value>
    public TimeSpan RecoveryWindow { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a recovery may take in all; then the master goes on with what it has.</summary>
    /// <value>Default 60 s; 1 s to 1 day, in effect never less than <see cref="RecoveryWindow"/>.</value>
    public TimeSpan RecoveryLimit { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a write waits on a master that recovers; then it fails with a <see cref="RecoveringMasterException"/>.</summary>
    /// <value>Default 10 s; 0 to 1 day. With 0 no write waits.</value>
    public TimeSpan RecoveryWriteTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// What becomes of a write that is made on this node while it is a replica: refused, or forwarded to the master. <see cref="Microsoft.Extensions.Caching.Distributed.IDistributedCache.Refresh"/>
    /// is never refused. The master's own setting plays no part.
    /// </summary>
    /// <value>Default <see cref="EmbeddedRepl.ReplicaWrites.Reject"/>.</value>
    public ReplicaWrites ReplicaWrites { get; set; } = ReplicaWrites.Reject;

    /// <summary>
    /// How long a forwarded write may take in all, from the call until this node has it. Then it fails: with a <see cref="MasterUnreachableException"/> if it was not sent,
    /// with a <see cref="WriteOutcomeUnknownException"/> if it was.
    /// </summary>
    /// <value>Default 10 s; 100 ms to 1 h.</value>
    public TimeSpan ForwardTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How many bytes of forwarded writes this node holds at most: of its own callers until they are answered, of the nodes below it until they are passed on, and, on
    /// a master, of writes that have not arrived whole; each counts by itself. Callers beyond it wait; nodes below are refused. One write always has room, whatever its size.
    /// </summary>
    /// <value>Default 64 MiB; 64 KiB to 64 GiB.</value>
    public long ForwardBufferSize { get; set; } = 64L << 20;

    /// <summary>How many writes of its callers this node forwards at a time, waiting ones included. A further one fails at once, with nothing written.</summary>
    /// <value>Default 10,000; 1 to 1,000,000.</value>
    public int MaxForwardedWrites { get; set; } = 10_000;

    /// <summary>How many replicas may be connected at a time. A further one is told "not now", and tries again.</summary>
    /// <value>Default 128; 1 to 10000.</value>
    public int MaxReplicas { get; set; } = 128;

    /// <summary>
    /// How many connections may be in the middle of their handshake at a time. One more drops the oldest of them: whoever knows the
    /// password is through in milliseconds, so a flood of strangers does not keep replicas out.
    /// </summary>
    /// <value>Default 64; 1 to 10000.</value>
    public int MaxPendingHandshakes { get; set; } = 64;

    /// <summary>The largest key, in UTF-8 bytes. Writing a larger one is an <see cref="ArgumentOutOfRangeException"/>, reading it a miss. A replica must allow what its master does. A change acts at the next start.</summary>
    /// <value>Default 65000; 1 to <see cref="MaxKeySizeLimit"/>.</value>
    public int MaxKeySize { get; set; } = MaxKeySizeLimit;

    /// <summary>The largest value, in bytes. Writing a larger one is an <see cref="ArgumentOutOfRangeException"/>. A replica must allow what its master does. A change acts at the next start.</summary>
    /// <value>Default 64 MiB; 1 to <see cref="MaxValueSizeLimit"/>.</value>
    public int MaxValueSize { get; set; } = 64 << 20;

    /// <summary>
    /// The most memory that the data set may take, in bytes: entries, index, and what belongs to them (<see cref="CacheStatistics.UsedBytes"/>). A master evicts what is least
    /// worth keeping before the limit is reached, and its replicas follow; an entry that does not fit at all is refused with a <see cref="CacheFullException"/>. A replica never evicts:
    /// what does not fit into its own limit closes its link, which <see cref="ReplicationInfo.MemoryShortage"/> and the health check report, and it serves what it has.
    /// The stream has limits of its own (<see cref="BacklogSize"/>, <see cref="ReplicaOutputLimit"/>). A full sync builds the new data set beside the old one, each within the limit.
    /// </summary>
    /// <value>Default 0: no limit. Otherwise 16 MiB to 1 TiB. Give replicas as much as their master, better a tenth more.</value>
    public long MemoryLimit { get; set; }

    /// <summary>
    /// The directory of the snapshot file, which this node loads when it starts. Created if it is missing. The file holds the whole cache and a
    /// secret: it is readable by this user alone, and so should the directory be. A change of this or another snapshot setting acts at the next start.
    /// </summary>
    /// <value>Default null: nothing is loaded or saved. A relative path starts at the working directory of the process; an empty one is refused.</value>
    public string? SnapshotDirectory { get; set; }

    /// <summary>The name of the snapshot file. Each node needs a file of its own; one that another node uses stops the start.</summary>
    /// <value>Default null: the cache's name with the ending <c>.snapshot</c>. 1 to 200 characters, no directory.</value>
    public string? SnapshotFileName { get; set; }

    /// <summary>How often the snapshot is saved, if something has changed. What was written since is not in the file when the process is killed.</summary>
    /// <value>Default 5 minutes; 0, which turns it off, to 7 days.</value>
    public TimeSpan SnapshotInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>After how many changes the snapshot is saved, without waiting for <see cref="SnapshotInterval"/>. At most half of the time is spent saving.</summary>
    /// <value>Default 0: off; up to 1,000,000,000,000.</value>
    public long SnapshotAfterChanges { get; set; }

    /// <summary>Whether a graceful stop saves the snapshot, within <see cref="ShutdownTimeout"/>.</summary>
    /// <value>Default true.</value>
    public bool SaveSnapshotOnStop { get; set; } = true;

    /// <summary>
    /// Whether a snapshot file that cannot be loaded (damaged, of a newer version, beyond the limits) is kept under another name and the node starts
    /// empty, instead of not starting.
    /// </summary>
    /// <value>Default false.</value>
    public bool IgnoreDamagedSnapshot { get; set; }

    /// <summary>
    /// How long a stopping node waits until the replicas that are attached have acknowledged everything. A master accepts no writes meanwhile
    /// (<see cref="NodeStoppedException"/>); afterwards connections are cut, and the log says who had everything and who had not.
    /// </summary>
    /// <value>Default 10 s; 0 to 10 minutes.</value>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How stale a replica may be for its reads to be served, as <see cref="IReplicatedCache.Staleness"/> tells; beyond it <see cref="StaleReads"/> says what a read
    /// gets, and health is degraded. A master is never stale. In a chain it is about the node that this one follows.
    /// </summary>
    /// <value>
    /// Default 0: no limit. 0 to 7 days; longer than <see cref="HeartbeatInterval"/>, and it must be longer than that of the master, too, because a replica knows only by a heartbeat
    /// that it is current.
    /// </value>
    public TimeSpan MaxStaleness { get; set; }

    /// <summary>What a read gets on a replica that is staler than <see cref="MaxStaleness"/> allows. No read ever waits.</summary>
    /// <value>Default <see cref="StaleReadBehavior.Serve"/>. The others are refused without <see cref="MaxStaleness"/>.</value>
    public StaleReadBehavior StaleReads { get; set; }

    /// <summary>
    /// How long the start of the host waits until this node is ready (<see cref="IReplicatedCache.IsReady"/>), before any service of the application starts. When the time is over,
    /// the start goes on with a warning, or fails if <see cref="RequireReadyAtStart"/> is set. By the machine's clock.
    /// </summary>
    /// <value>Default 0: the start does not wait. 0 to 1 day. A change acts at the next start.</value>
    public TimeSpan ReadyTimeout { get; set; }

    /// <summary>Whether the start fails if this node is not ready within <see cref="ReadyTimeout"/>.</summary>
    /// <value>
    /// Default false: a replica whose master is away starts all the same, and its health check keeps traffic away until it has data. Refused without
    /// <see cref="ReadyTimeout"/>. A change acts at the next start.
    /// </value>
    public bool RequireReadyAtStart { get; set; }

    /// <summary>Prints the settings for a log or a diagnostic page. Passwords are never shown, only whether there are any.</summary>
    public override string ToString() => OptionsText.Format(this);
}
