using System.Reflection;
using EmbeddedRepl.Replication;

namespace EmbeddedRepl.Hosting;

/// <summary>Which settings differ between two configurations. Names only, never values.</summary>
internal static class OptionsDifference
{
    /// <summary>
    /// Settings that act only from the next start on: the name and the limits are part of what nodes agree on when they meet, and of the
    /// entries that are there; the snapshot file is locked and its schedule made at the start; some are about the start. All others act at once.
    /// </summary>
    public static readonly IReadOnlySet<string> AtNextStart = new HashSet<string>
    {
        nameof(ReplicatedCacheOptions.CacheName),
        nameof(ReplicatedCacheOptions.MaxKeySize),
        nameof(ReplicatedCacheOptions.MaxValueSize),
        nameof(ReplicatedCacheOptions.SnapshotDirectory),
        nameof(ReplicatedCacheOptions.SnapshotFileName),
        nameof(ReplicatedCacheOptions.SnapshotInterval),
        nameof(ReplicatedCacheOptions.SnapshotAfterChanges),
        nameof(ReplicatedCacheOptions.SaveSnapshotOnStop),
        nameof(ReplicatedCacheOptions.IgnoreDamagedSnapshot),
        nameof(ReplicatedCacheOptions.ReadyTimeout),
        nameof(ReplicatedCacheOptions.RequireReadyAtStart),
    };

    public static IReadOnlyList<string> Of(ReplicatedCacheOptions before, ReplicatedCacheOptions after) =>
    [
        .. from property in typeof(ReplicatedCacheOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance)
           where !AreSame(property.GetValue(before), property.GetValue(after))
           select property.Name,
    ];

    private static bool AreSame(object? before, object? after) => (before, after) switch
    {
        (ReplicatedCacheTlsOptions a, ReplicatedCacheTlsOptions b) => a.ToTlsSettings() == b.ToTlsSettings(),
        (IEnumerable<string> a, IEnumerable<string> b) when before is not string => a.SequenceEqual(b, StringComparer.Ordinal),
        _ => Equals(before, after),
    };
}
