using System.Text.Json;
using System.Text.Json.Serialization;

namespace EmbeddedRepl.Samples.Cluster.Nodes;

/// <summary>What a node says about itself at <c>GET /replication</c>; only what the demo looks at.</summary>
internal sealed record NodeReport
{
    /// <summary><c>Master</c> or <c>Replica</c>.</summary>
    public required string Role { get; init; }

    /// <summary>The name of the history that the node holds.</summary>
    public required string ReplicationId { get; init; }

    /// <summary>How far in that history the node is, in bytes.</summary>
    public required long ReplicationOffset { get; init; }

    /// <summary>Proof of the node's data at that offset.</summary>
    public required string Digest { get; init; }

    /// <summary>Entries in the node's store.</summary>
    public required long EntryCount { get; init; }

    /// <summary>Whether the node serves complete data.</summary>
    public required bool IsReady { get; init; }

    /// <summary>How far the replica's link to its master has come.</summary>
    public required string LinkState { get; init; }

    /// <summary>Why the last link ended, or null.</summary>
    public string? LinkDownReason { get; init; }

    /// <summary>How far a replica is behind its master, in bytes.</summary>
    public required long LagBytes { get; init; }

    /// <summary>Full syncs that the node has sent.</summary>
    public required long SyncFull { get; init; }

    /// <summary>Partial resyncs that the node has granted.</summary>
    public required long SyncPartialOk { get; init; }

    /// <summary>Full syncs that the node has loaded.</summary>
    public required long FullSyncsCompleted { get; init; }

    /// <summary>Partial resyncs that the node has been granted.</summary>
    public required long PartialResyncsCompleted { get; init; }

    /// <summary>How often the node's data differed from its master's at the same offset.</summary>
    public required long DigestMismatches { get; init; }

    /// <summary>The replicas that are attached to the node.</summary>
    public required IReadOnlyList<AttachedReplica> Replicas { get; init; }

    /// <summary>Whether a replica's link is up.</summary>
    [JsonIgnore]
    public bool IsStreaming => LinkState == "Streaming";

    /// <summary>How many replicas the node is streaming to.</summary>
    [JsonIgnore]
    public int StreamingReplicas => Replicas.Count(replica => replica.State == "Streaming");
}

/// <summary>A replica as its master sees it.</summary>
/// <param name="State">How far the master has come with it.</param>
internal sealed record AttachedReplica(string State);

/// <summary>What a node has served, from <c>GET /stats</c>.</summary>
internal sealed record NodeStats(long Reads, long Writes);

/// <summary>Reads the answers of nodes.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(NodeReport))]
[JsonSerializable(typeof(NodeStats))]
internal sealed partial class NodeJsonContext : JsonSerializerContext;
