using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EmbeddedRepl.Hosting;

/// <summary>
/// Health of one cache. Unhealthy (or what the registration says): a replica that has no complete data yet, so an instance that must not
/// get traffic. Degraded: it serves, but a link is down or replicas are missing. Reads only a copy of the node's state.
/// </summary>
internal sealed class ReplicationHealthCheck : IHealthCheck
{
    /// <summary>The name of the check; a keyed cache's is followed by a colon and its key.</summary>
    public const string Name = "replicated-cache";

    /// <summary>Marks checks that decide whether an instance gets traffic, and those of replication.</summary>
    public static readonly string[] Tags = ["ready", "replication"];

    private readonly IReplicatedCache _cache;
    private readonly int _expectedReplicas;

    public ReplicationHealthCheck(IReplicatedCache cache, int expectedReplicas)
    {
        _cache = cache;
        _expectedReplicas = expectedReplicas;
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ReplicationInfo info = _cache.GetReplicationInfo();
        string[] attached = [.. info.Replicas.Where(r => r.State == ReplicaSessionState.Streaming).Select(r => r.Address)];
        IReadOnlyDictionary<string, object> data = Figures(info, attached);

        if (!info.IsReady)
        {
            return Task.FromResult(new HealthCheckResult(
                context.Registration.FailureStatus,
                info.Snapshot is { IsLoading: true } ? "The snapshot file is being loaded." : $"No full sync has been completed yet; {LinkText(info)}.",
                exception: null,
                data));
        }

        var problems = new List<string>();
        if (info.Role == ReplicationRole.Replica && info.LinkState != ReplicationLinkState.Streaming)
        {
            problems.Add(LinkText(info));
        }

        if (info.MemoryShortage is { } shortage)
        {
            problems.Add($"the master's data does not fit ({shortage.TrimEnd('.')})");
        }

        if (info.RecoveryState != RecoveryState.None)
        {
            // Never unhealthy: a readiness probe that takes the master out of service would hide it from the replicas that have its data.
            problems.Add($"{info.RecoveryMessage?.TrimEnd('.')} ({info.RecoveryState})");
        }

        if (info.Snapshot?.LastError is { } error)
        {
            problems.Add($"the snapshot could not be saved ({error.TrimEnd('.')})");
        }

        if (attached.Length < _expectedReplicas)
        {
            string who = attached.Length == 0 ? "none" : string.Join(", ", attached);
            problems.Add($"{attached.Length} of {_expectedReplicas} expected replicas are attached: {who}");
        }

        if (info.Role == ReplicationRole.Master && info.GoodReplicas < info.MinReplicasToWrite)
        {
            problems.Add($"writes are refused, because {info.GoodReplicas} replicas follow closely and MinReplicasToWrite demands {info.MinReplicasToWrite}");
        }

        return Task.FromResult(problems.Count > 0
            ? HealthCheckResult.Degraded(string.Join("; ", problems) + ".", exception: null, data)
            : HealthCheckResult.Healthy($"{info.Role} at offset {info.ReplicationOffset}.", data));
    }

    private static string LinkText(ReplicationInfo info)
    {
        string since = info.LinkDownSince is { } time ? $" since {time.UtcDateTime.ToString("u", CultureInfo.InvariantCulture)}" : string.Empty;
        string reason = info.LinkDownReason is { } text ? $" ({text.TrimEnd('.')})" : string.Empty;
        return $"the link to master {info.Master} is {info.LinkState}{since}{reason}";
    }

    private Dictionary<string, object> Figures(ReplicationInfo info, string[] attached)
    {
        var data = new Dictionary<string, object>
        {
            ["role"] = info.Role.ToString(),
            ["ready"] = info.IsReady,
            ["replication_id"] = info.ReplicationId.ToString(),
            ["replication_offset"] = info.ReplicationOffset,
            ["entries"] = info.EntryCount,
            ["replicas_attached"] = attached.Length,
            ["replicas_expected"] = _expectedReplicas,
            ["accepts_writes"] = info.AcceptsWrites,
            ["replicas"] = string.Join(", ", attached),
        };
        if (info.Role == ReplicationRole.Replica)
        {
            data["master"] = info.Master ?? string.Empty;
            data["link_state"] = info.LinkState.ToString();
            data["lag_bytes"] = info.LagBytes;
        }

        return data;
    }
}
