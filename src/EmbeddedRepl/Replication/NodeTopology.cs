using EmbeddedRepl.Transport;

namespace EmbeddedRepl.Replication;

/// <summary>
/// What the options make of this node at start: the one place where <see cref="ReplicatedCacheOptions.Role"/>,
/// <see cref="ReplicatedCacheOptions.Master"/> and <see cref="ReplicatedCacheOptions.Listen"/> are read together.
/// </summary>
/// <param name="Role">The role to start in.</param>
/// <param name="Master">The node to follow as <c>host:port</c>, or null on a master.</param>
/// <param name="Listen">Where to accept replicas, each address once; empty: nowhere.</param>
/// <param name="IsStandAlone">Whether nothing said what this node is: it writes, shares nothing, and says so in a warning.</param>
internal sealed record NodeTopology(ReplicationRole Role, string? Master, IReadOnlyList<string> Listen, bool IsStandAlone)
{
    /// <summary>Where a node listens that was made a master without saying where: on this machine only.</summary>
    public const string DefaultListen = "127.0.0.1:6390";

    /// <summary>Whether this is the master that is meant, however it is written; null for none.</summary>
    public bool HasMaster(string? other) => Master is null ? other is null : HostEndPoint.AreSame(Master, other);

    /// <summary>Resolves the options. A blank master counts as none: this is what an unset variable in a deployment file leaves behind.</summary>
    /// <param name="options">Validated options.</param>
    public static NodeTopology Of(ReplicatedCacheOptions options)
    {
        string? master = string.IsNullOrWhiteSpace(options.Master) ? null : options.Master.Trim();
        ReplicationRole role = options.Role ?? (master is null ? ReplicationRole.Master : ReplicationRole.Replica);
        bool isStandAlone = options.Role is null && master is null;

        string[] listen = [.. options.Listen.Distinct(StringComparer.OrdinalIgnoreCase)];
        if (listen.Length == 0 && options.Role == ReplicationRole.Master)
        {
            listen = [DefaultListen];
        }

        return new NodeTopology(role, master, isStandAlone ? [] : listen, isStandAlone);
    }
}
