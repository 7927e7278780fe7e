using System.Globalization;

namespace EmbeddedRepl.Diagnostics;

/// <summary>
/// Prints options without their secrets. Every option is listed by hand: an option that nobody thought about is left out, where
/// printing by reflection would show it, even if it were a secret.
/// </summary>
internal static class OptionsText
{
    /// <summary>Prints one line of <c>name=value</c> pairs.</summary>
    public static string Format(ReplicatedCacheOptions o) => string.Create(
        CultureInfo.InvariantCulture,
        $"Role={o.Role?.ToString() ?? "(not set)"}, Master={o.Master ?? "(not set)"}, CacheName={o.CacheName}, Listen=[{string.Join(", ", o.Listen)}], "
        + $"Password={Secret(o.Password)}, AcceptedPasswords=({o.AcceptedPasswords.Count} set), MasterPassword={Secret(o.MasterPassword)}, "
        + $"ProtectedMode={o.ProtectedMode}, Tls=({Tls(o.Tls)}), AnnouncedHost={o.AnnouncedHost ?? "(not set)"}, AnnouncedPort={o.AnnouncedPort}, ExpectedReplicas={o.ExpectedReplicas}, BacklogSize={o.BacklogSize}, BacklogTimeToLive={o.BacklogTimeToLive}, "
        + $"MinReplicasToWrite={o.MinReplicasToWrite}, MinReplicasMaxLag={o.MinReplicasMaxLag}, "
        + $"ReplicaOutputLimit={o.ReplicaOutputLimit}, ReplicaOutputSoftLimit={o.ReplicaOutputSoftLimit}, "
        + $"ReplicaOutputSoftTime={o.ReplicaOutputSoftTime}, MaxConcurrentFullSyncs={o.MaxConcurrentFullSyncs}, "
        + $"HeartbeatInterval={o.HeartbeatInterval}, AckInterval={o.AckInterval}, LinkTimeout={o.LinkTimeout}, "
        + $"ConnectTimeout={o.ConnectTimeout}, HandshakeTimeout={o.HandshakeTimeout}, ReconnectDelay={o.ReconnectDelay}, "
        + $"RecoveryWindow={o.RecoveryWindow}, RecoveryLimit={o.RecoveryLimit}, RecoveryWriteTimeout={o.RecoveryWriteTimeout}, "
        + $"ReplicaWrites={o.ReplicaWrites}, ForwardTimeout={o.ForwardTimeout}, ForwardBufferSize={o.ForwardBufferSize}, MaxForwardedWrites={o.MaxForwardedWrites}, "
        + $"MaxReplicas={o.MaxReplicas}, MaxPendingHandshakes={o.MaxPendingHandshakes}, MaxKeySize={o.MaxKeySize}, MaxValueSize={o.MaxValueSize}, MemoryLimit={o.MemoryLimit}, "
        + $"SnapshotDirectory={o.SnapshotDirectory ?? "(not set)"}, SnapshotFileName={o.SnapshotFileName ?? "(not set)"}, SnapshotInterval={o.SnapshotInterval}, "
        + $"SnapshotAfterChanges={o.SnapshotAfterChanges}, SaveSnapshotOnStop={o.SaveSnapshotOnStop}, IgnoreDamagedSnapshot={o.IgnoreDamagedSnapshot}, ShutdownTimeout={o.ShutdownTimeout}, "
        + $"MaxStaleness={o.MaxStaleness}, StaleReads={o.StaleReads}, ReadyTimeout={o.ReadyTimeout}, RequireReadyAtStart={o.RequireReadyAtStart}");

    private static string Tls(ReplicatedCacheTlsOptions o) => string.Create(
        CultureInfo.InvariantCulture,
        $"Listener={o.Listener}, Link={o.Link}, Certificate=({Certificate(o.Certificate)}), TrustedCertificatesPath={o.TrustedCertificatesPath ?? "(not set)"}, "
        + $"ServerName={o.ServerName ?? "(not set)"}, ClientCertificateMode={o.ClientCertificateMode}, RevocationMode={o.RevocationMode}, ReloadInterval={o.ReloadInterval}, "
        + $"PeerValidation={(o.PeerValidation is null ? "(not set)" : "(set)")}");

    private static string Certificate(ReplicatedCacheCertificateOptions o) =>
        $"Path={o.Path ?? "(not set)"}, KeyPath={o.KeyPath ?? "(not set)"}, Password={Secret(o.Password)}, Thumbprint={o.Thumbprint ?? "(not set)"}, Subject={o.Subject ?? "(not set)"}, "
        + $"Store={o.Store}, Location={o.Location}, Selector={(o.Selector is null ? "(not set)" : "(set)")}";

    private static string Secret(string? value) => value is null ? "(not set)" : "(set)";
}
