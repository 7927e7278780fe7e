using EmbeddedRepl.Protocol;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <summary>Turns validated options into the settings of the core.</summary>
internal static class NodeSettingsMapping
{
    public static NodeSettings ToSettings(this ReplicatedCacheOptions options, bool keepsStream)
    {
        List<PasswordKey> accepted = [];
        if (!string.IsNullOrEmpty(options.Password))
        {
            accepted.Add(PasswordKey.Create(options.Password));
        }

        foreach (string password in options.AcceptedPasswords)
        {
            accepted.Add(PasswordKey.Create(password));
        }

        string? masterPassword = string.IsNullOrEmpty(options.MasterPassword) ? options.Password : options.MasterPassword;
        return new NodeSettings
        {
            CacheName = options.CacheName,
            AcceptedPasswords = accepted,
            MasterPassword = string.IsNullOrEmpty(masterPassword) ? null : PasswordKey.Create(masterPassword),
            ProtectedMode = options.ProtectedMode,
            AnnouncedHost = string.IsNullOrWhiteSpace(options.AnnouncedHost) ? null : options.AnnouncedHost.Trim(),
            AnnouncedPort = options.AnnouncedPort,
            MaxKeySize = options.MaxKeySize,
            MaxValueSize = options.MaxValueSize,
            KeepsStream = keepsStream,
            BacklogSize = options.BacklogSize,
            BacklogTimeToLive = Milliseconds(options.BacklogTimeToLive),
            MinReplicasToWrite = options.MinReplicasToWrite,
            MinReplicasMaxLag = Milliseconds(options.MinReplicasMaxLag),
            ReplicaOutputLimit = options.ReplicaOutputLimit,
            ReplicaOutputSoftLimit = options.ReplicaOutputSoftLimit,
            ReplicaOutputSoftTime = Milliseconds(options.ReplicaOutputSoftTime),
            MaxConcurrentFullSyncs = options.MaxConcurrentFullSyncs,
            MaxReplicas = options.MaxReplicas,
            MaxPendingHandshakes = options.MaxPendingHandshakes,
            HeartbeatInterval = Milliseconds(options.HeartbeatInterval),
            AckInterval = Milliseconds(options.AckInterval),
            LinkTimeout = Milliseconds(options.LinkTimeout),
            ConnectTimeout = Milliseconds(options.ConnectTimeout),
            HandshakeTimeout = Milliseconds(options.HandshakeTimeout),
            ReconnectDelay = Milliseconds(options.ReconnectDelay),
            ExpectedReplicas = options.ExpectedReplicas,
            RecoveryWindow = Milliseconds(options.RecoveryWindow),
            RecoveryLimit = Milliseconds(options.RecoveryLimit),
            RecoveryWriteTimeout = Milliseconds(options.RecoveryWriteTimeout),
            ForwardsWrites = options.ReplicaWrites == ReplicaWrites.Forward,
            ForwardTimeout = Milliseconds(options.ForwardTimeout),
            ForwardBufferSize = options.ForwardBufferSize,
            MaxForwardedWrites = options.MaxForwardedWrites,
            Store = new StoreOptions { MaxBytes = options.MemoryLimit == 0 ? long.MaxValue : options.MemoryLimit },
        };
    }

    /// <summary>What is agreed in handshakes and built into the data cannot change while the node runs.</summary>
    public static NodeSettings KeepWhatIsAgreed(this NodeSettings settings, NodeSettings present) => settings with
    {
        CacheName = present.CacheName,
        MaxKeySize = present.MaxKeySize,
        MaxValueSize = present.MaxValueSize,
        Store = present.Store with { MaxBytes = settings.Store.MaxBytes },
    };

    private static long Milliseconds(TimeSpan duration) => (long)Math.Ceiling(duration.TotalMilliseconds);
}
