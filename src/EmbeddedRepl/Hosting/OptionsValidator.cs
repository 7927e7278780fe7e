using System.Globalization;
using System.Text;
using EmbeddedRepl.Persistence;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Transport;
using Microsoft.Extensions.Options;

namespace EmbeddedRepl.Hosting;

/// <summary>
/// Checks the options of one cache at start. Collects every problem, so that a wrong configuration is put right in one go; each message
/// names its configuration key, what is allowed, and what was found, except of passwords.
/// </summary>
internal sealed class OptionsValidator : IValidateOptions<ReplicatedCacheOptions>
{
    private const long GiB = 1L << 30;
    private const int MaxCacheNameLength = 128;
    private const int MaxListenAddresses = 16;
    private const int MaxPasswordSize = 512;
    private const int MaxAcceptedPasswords = 8;

    private readonly CacheRegistration _registration;

    public OptionsValidator(CacheRegistration registration)
    {
        _registration = registration;
    }

    public ValidateOptionsResult Validate(string? name, ReplicatedCacheOptions options)
    {
        if (name != _registration.Name)
        {
            return ValidateOptionsResult.Skip;
        }

        var problems = new Problems(_registration.Section);
        CheckName(options, problems);
        CheckTopology(options, problems);
        CheckPasswords(options, problems);
        CheckAnnounced(options, problems);
        TlsValidator.Check(options.Tls, problems.Add);
        CheckSizes(options, problems);
        CheckTimes(options, problems);
        CheckMinReplicas(options, problems);
        CheckSnapshot(options, problems);
        CheckReadiness(options, problems);
        return problems.Messages.Count > 0 ? ValidateOptionsResult.Fail(problems.Messages) : ValidateOptionsResult.Success;
    }

    private static void CheckName(ReplicatedCacheOptions o, Problems problems)
    {
        if (string.IsNullOrEmpty(o.CacheName) || o.CacheName.Length > MaxCacheNameLength || o.CacheName.Any(char.IsControl))
        {
            problems.Add(
                nameof(o.CacheName),
                $"must have 1 to {MaxCacheNameLength} characters, none of them a control character, but has {o.CacheName?.Length ?? 0}");
        }
    }

    private static void CheckTopology(ReplicatedCacheOptions o, Problems problems)
    {
        if (o.Role is { } role && !Enum.IsDefined(role))
        {
            problems.Add(nameof(o.Role), $"must be {ReplicationRole.Master} or {ReplicationRole.Replica} but is {role}");
        }

        if (!Enum.IsDefined(o.ReplicaWrites))
        {
            problems.Add(nameof(o.ReplicaWrites), $"must be {ReplicaWrites.Reject} or {ReplicaWrites.Forward} but is {o.ReplicaWrites}");
        }

        HostEndPoint? master = CheckMaster(o, problems);
        if (o.Listen.Count > MaxListenAddresses)
        {
            problems.Add(nameof(o.Listen), $"must have at most {MaxListenAddresses} addresses but has {o.Listen.Count}");
        }

        if (o.Listen.Count > 0 && NodeTopology.Of(o).IsStandAlone)
        {
            problems.Add(
                nameof(o.Listen),
                "is set, but a node with neither Role nor Master stands alone and does not listen; set Role to Master, or remove Listen");
        }

        for (int i = 0; i < o.Listen.Count; i++)
        {
            if (!HostEndPoint.TryParse(o.Listen[i] ?? string.Empty, out HostEndPoint listener, out string? problem))
            {
                problems.Add($"{nameof(o.Listen)}:{i}", $"'{o.Listen[i]}' cannot be used: {problem}");
            }
            else if (master?.Reaches(listener) == true)
            {
                problems.Add(nameof(o.Master), $"must be another node, but '{o.Master}' is this node itself, which listens on '{listener}'");
            }
        }
    }

    private static HostEndPoint? CheckMaster(ReplicatedCacheOptions o, Problems problems)
    {
        if (string.IsNullOrWhiteSpace(o.Master))
        {
            if (o.Role == ReplicationRole.Replica)
            {
                problems.Add(nameof(o.Master), "must be set to host:port of the node to follow, because Role is Replica");
            }

            return null;
        }

        if (o.Role == ReplicationRole.Master)
        {
            problems.Add(nameof(o.Master), $"must not be set, because Role is Master, but is '{o.Master}'; remove one of them");
        }

        if (!HostEndPoint.TryParse(o.Master.Trim(), out HostEndPoint master, out string? problem)
            || (problem = master.ProblemAsTarget()) is not null)
        {
            problems.Add(nameof(o.Master), $"'{o.Master}' cannot be used: {problem}");
            return null;
        }

        return master;
    }

    private static void CheckPasswords(ReplicatedCacheOptions o, Problems problems)
    {
        CheckPassword(nameof(o.Password), o.Password, problems);
        CheckPassword(nameof(o.MasterPassword), o.MasterPassword, problems);
        if (o.AcceptedPasswords.Count > MaxAcceptedPasswords)
        {
            problems.Add(nameof(o.AcceptedPasswords), $"must have at most {MaxAcceptedPasswords} passwords but has {o.AcceptedPasswords.Count}");
        }

        if (o.AcceptedPasswords.Count > 0 && o.Password is null)
        {
            problems.Add(nameof(o.AcceptedPasswords), "is set, but no Password is, so that none is demanded; set Password");
        }

        for (int i = 0; i < o.AcceptedPasswords.Count; i++)
        {
            CheckPassword($"{nameof(o.AcceptedPasswords)}:{i}", o.AcceptedPasswords[i] ?? string.Empty, problems);
        }
    }

    private static void CheckPassword(string key, string? password, Problems problems)
    {
        int size = password is null ? 1 : Encoding.UTF8.GetByteCount(password);
        if (size is 0 or > MaxPasswordSize)
        {
            problems.Add(key, $"must have 1 to {MaxPasswordSize} bytes in UTF-8 but has {size}; remove it for no password");
        }
    }

    private static void CheckAnnounced(ReplicatedCacheOptions o, Problems problems)
    {
        problems.CheckRange(nameof(o.AnnouncedPort), o.AnnouncedPort, 0, ushort.MaxValue);
        if (!string.IsNullOrWhiteSpace(o.AnnouncedHost) && HostEndPoint.ProblemAsTargetHost(o.AnnouncedHost.Trim()) is { } problem)
        {
            problems.Add(nameof(o.AnnouncedHost), $"'{o.AnnouncedHost}' cannot be used: {problem}");
        }
    }

    private static void CheckSizes(ReplicatedCacheOptions o, Problems problems)
    {
        problems.CheckRange(nameof(o.MaxReplicas), o.MaxReplicas, 1, 10_000);
        problems.CheckRange(nameof(o.MaxPendingHandshakes), o.MaxPendingHandshakes, 1, 10_000);
        problems.CheckRange(nameof(o.ExpectedReplicas), o.ExpectedReplicas, 0, Math.Clamp(o.MaxReplicas, 0, 1000));
        problems.CheckRange(nameof(o.MinReplicasToWrite), o.MinReplicasToWrite, 0, Math.Clamp(o.MaxReplicas, 0, 1000));
        problems.CheckRange(nameof(o.BacklogSize), o.BacklogSize, 0, 64 * GiB);
        problems.CheckRange(nameof(o.ReplicaOutputLimit), o.ReplicaOutputLimit, 64L << 10, 64 * GiB);
        problems.CheckRange(nameof(o.ReplicaOutputSoftLimit), o.ReplicaOutputSoftLimit, 64L << 10, 64 * GiB);
        problems.CheckRange(nameof(o.MaxConcurrentFullSyncs), o.MaxConcurrentFullSyncs, 1, 1000);
        problems.CheckRange(nameof(o.ForwardBufferSize), o.ForwardBufferSize, 64L << 10, 64 * GiB);
        problems.CheckRange(nameof(o.MaxForwardedWrites), o.MaxForwardedWrites, 1, 1_000_000);
        if (o.MemoryLimit != 0)
        {
            problems.CheckRange(nameof(o.MemoryLimit), o.MemoryLimit, 16L << 20, 1024 * GiB);
        }

        problems.CheckRange(nameof(o.MaxKeySize), o.MaxKeySize, 1, ReplicatedCacheOptions.MaxKeySizeLimit);
        problems.CheckRange(nameof(o.MaxValueSize), o.MaxValueSize, 1, ReplicatedCacheOptions.MaxValueSizeLimit);
    }

    private static void CheckTimes(ReplicatedCacheOptions o, Problems problems)
    {
        problems.CheckRange(nameof(o.ReplicaOutputSoftTime), o.ReplicaOutputSoftTime, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        problems.CheckRange(nameof(o.HeartbeatInterval), o.HeartbeatInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
        problems.CheckRange(nameof(o.AckInterval), o.AckInterval, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1));
        problems.CheckRange(nameof(o.LinkTimeout), o.LinkTimeout, TimeSpan.FromMilliseconds(500), TimeSpan.FromDays(1));
        problems.CheckRange(nameof(o.ConnectTimeout), o.ConnectTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));
        problems.CheckRange(nameof(o.HandshakeTimeout), o.HandshakeTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));
        problems.CheckRange(nameof(o.ReconnectDelay), o.ReconnectDelay, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(5));
        problems.CheckRange(nameof(o.BacklogTimeToLive), o.BacklogTimeToLive, TimeSpan.Zero, TimeSpan.FromDays(365));
        problems.CheckRange(nameof(o.MinReplicasMaxLag), o.MinReplicasMaxLag, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
        problems.CheckRange(nameof(o.RecoveryLimit), o.RecoveryLimit, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        problems.CheckRange(nameof(o.RecoveryWindow), o.RecoveryWindow, TimeSpan.Zero, TimeSpan.FromMinutes(10));
        problems.CheckRange(nameof(o.RecoveryWriteTimeout), o.RecoveryWriteTimeout, TimeSpan.Zero, TimeSpan.FromDays(1));
        problems.CheckRange(nameof(o.ForwardTimeout), o.ForwardTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
        problems.CheckRange(nameof(o.ShutdownTimeout), o.ShutdownTimeout, TimeSpan.Zero, TimeSpan.FromMinutes(10));

        TimeSpan longestSilence = o.HeartbeatInterval > o.AckInterval ? o.HeartbeatInterval : o.AckInterval;
        if (o.LinkTimeout <= longestSilence)
        {
            problems.Add(
                nameof(o.LinkTimeout),
                $"must be longer than HeartbeatInterval ({o.HeartbeatInterval}) and AckInterval ({o.AckInterval}) but is {o.LinkTimeout}");
        }
    }

    private static void CheckMinReplicas(ReplicatedCacheOptions o, Problems problems)
    {
        if (o.MinReplicasToWrite > 0 && NodeTopology.Of(o).IsStandAlone)
        {
            problems.Add(
                nameof(o.MinReplicasToWrite),
                "is set, but a node with neither Role nor Master stands alone and never has a replica; set Role to Master, or remove MinReplicasToWrite");
        }

        if (o.MinReplicasToWrite > 0 && o.MinReplicasMaxLag <= o.AckInterval)
        {
            problems.Add(
                nameof(o.MinReplicasMaxLag),
                $"must be longer than AckInterval ({o.AckInterval}), which is how often replicas acknowledge, but is {o.MinReplicasMaxLag}");
        }
    }

    private static void CheckSnapshot(ReplicatedCacheOptions o, Problems problems)
    {
        if (o.SnapshotDirectory is { } directory && (string.IsNullOrWhiteSpace(directory) || directory.Contains('\0', StringComparison.Ordinal)))
        {
            problems.Add(nameof(o.SnapshotDirectory), $"must be a directory but is '{directory}'; remove it to save nothing");
        }

        if (o.SnapshotFileName is { } name && SnapshotFileName.ProblemOf(name) is { } problem)
        {
            problems.Add(nameof(o.SnapshotFileName), problem);
        }

        problems.CheckRange(nameof(o.SnapshotInterval), o.SnapshotInterval, TimeSpan.Zero, TimeSpan.FromDays(7));
        problems.CheckRange(nameof(o.SnapshotAfterChanges), o.SnapshotAfterChanges, 0, 1_000_000_000_000);
    }

    private static void CheckReadiness(ReplicatedCacheOptions o, Problems problems)
    {
        problems.CheckRange(nameof(o.ReadyTimeout), o.ReadyTimeout, TimeSpan.Zero, TimeSpan.FromDays(1));
        problems.CheckRange(nameof(o.MaxStaleness), o.MaxStaleness, TimeSpan.Zero, TimeSpan.FromDays(7));
        if (o.RequireReadyAtStart && o.ReadyTimeout == TimeSpan.Zero)
        {
            problems.Add(nameof(o.RequireReadyAtStart), "is set, but ReadyTimeout is not, so that the start does not wait; set ReadyTimeout");
        }

        if (!Enum.IsDefined(o.StaleReads))
        {
            problems.Add(nameof(o.StaleReads), $"must be {StaleReadBehavior.Serve}, {StaleReadBehavior.Miss} or {StaleReadBehavior.Throw} but is {o.StaleReads}");
        }
        else if (o.StaleReads != StaleReadBehavior.Serve && o.MaxStaleness == TimeSpan.Zero)
        {
            problems.Add(nameof(o.StaleReads), $"is {o.StaleReads}, but MaxStaleness does not say what is stale; set MaxStaleness");
        }

        if (o.MaxStaleness > TimeSpan.Zero && o.MaxStaleness <= o.HeartbeatInterval)
        {
            problems.Add(
                nameof(o.MaxStaleness),
                $"must be longer than HeartbeatInterval ({o.HeartbeatInterval}), which is how often a replica learns that it is current, but is {o.MaxStaleness}");
        }
    }

    /// <summary>The messages so far.</summary>
    private sealed class Problems(string section)
    {
        public List<string> Messages { get; } = [];

        public void Add(string key, string problem) => Messages.Add($"{section}:{key} {problem.TrimEnd('.')}.");

        public void CheckRange<T>(string key, T value, T min, T max)
            where T : IComparable<T>, IFormattable
        {
            if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0)
            {
                Add(key, string.Create(CultureInfo.InvariantCulture, $"must be between {min} and {max} but is {value}"));
            }
        }
    }
}
