using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EmbeddedRepl.Hosting;

/// <summary>
/// Health of one cache. Unhealthy (or what the registration says): a replica that has no complete data yet, so an instance that must not
/// get traffic. Degraded: it serves, but a link is down, the data is too stale, or replicas are missing. Reads only a copy of the node's state.
/// </summary>
internal sealed class ReplicationHealthCheck : IHealthCheck
{
    /// <summary>The name of the check; a keyed cache's is followed by a colon and its key.</summary>
    public const string Name = "replicated-cache";

    /// <summary>Marks checks that decide whether an instance gets traffic, and those of replication.</summary>
    public static readonly string[] Tags = ["ready", "replication"];

    private readonly IReplicatedCache _cache;
    private readonly ReplicatedCacheOptions _options;

    public ReplicationHealthCheck(IReplicatedCache cache, ReplicatedCacheOptions options)
    {
        _cache = cache;
        _options = options;
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

        if (StalenessProblem(info) is { } stale)
        {
            problems.Add(stale);
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

        if (attached.Length < _options.ExpectedReplicas)
        {
            string who = attached.Length == 0 ? "none" : string.Join(", ", attached);
            problems.Add($"{attached.Length} of {_options.ExpectedReplicas} expected replicas are attached: {who}");
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

    /// <summary>
    /// What is wrong with the age of the data; null if nothing is. Without a limit of the application's own, a replica that streams and is still further behind than the time after
    /// which a silent link is given up does not keep up.
    /// </summary>
    private string? StalenessProblem(ReplicationInfo info)
    {
        if (info.Role == ReplicationRole.Master)
        {
            return null;
        }

        if (_options.MaxStaleness == TimeSpan.Zero)
        {
            return info.LinkState == ReplicationLinkState.Streaming && info.Staleness > _options.LinkTimeout
                ? $"the data lags by {info.Staleness}, {info.LagBytes} bytes"
                : null;
        }

        string served = _options.StaleReads == StaleReadBehavior.Serve ? "stale data is served" : "reads are refused";
        return info.Staleness is not { } staleness ? $"it is not known how stale the data is, and {served}"
            : staleness > _options.MaxStaleness ? $"the data is {staleness} stale, MaxStaleness allows {_options.MaxStaleness}, and {served}"
            : null;
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
            ["replicas_expected"] = _options.ExpectedReplicas,
            ["accepts_writes"] = info.AcceptsWrites,
            ["replicas"] = string.Join(", ", attached),
        };
        if (info.Role == ReplicationRole.Replica)
        {
            data["master"] = info.Master ?? string.Empty;
            data["link_state"] = info.LinkState.ToString();
            data["lag_bytes"] = info.LagBytes;
            data["full_syncs"] = info.FullSyncsCompleted;
            data["partial_resyncs"] = info.PartialResyncsCompleted;
            data["link_failures"] = info.LinkFailures;
            if (info.Staleness is { } staleness)
            {
                data["staleness_seconds"] = staleness.TotalSeconds;
            }

            if (info.LinkDownSince is { } downSince)
            {
                data["link_down_since"] = downSince;
            }
        }

        return data;
    }
}
