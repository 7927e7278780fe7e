using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Simulation.Engine;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>Draws the configuration of a cluster: small limits and short times, so that every one of them is met.</summary>
internal static class SettingsDraw
{
    public static NodeSettings Draw(SeededRandom random)
    {
        long linkTimeout = random.Scaled(600, 4_000);
        PasswordKey? password = random.Chance(30) ? PasswordKey.Create("open sesame") : null;
        long outputLimit = random.Pick(0, 2_000, 20_000, 200_000, 1_000_000, 1_000_000);
        return new NodeSettings
        {
            AcceptedPasswords = password is null ? [] : [password],
            MasterPassword = password,
            MaxKeySize = 65_000,
            MaxValueSize = 1 << 20,
            BacklogSize = random.Pick(0, 100, 3_000, 70_000, 300_000, 1_000_000),
            ReplicaOutputLimit = outputLimit,
            ReplicaOutputSoftLimit = random.Chance(50) ? outputLimit : outputLimit / 4,
            ReplicaOutputSoftTime = random.Scaled(100, 5_000),
            MaxConcurrentFullSyncs = random.Next(2) + 1,
            HeartbeatInterval = random.Scaled(20, linkTimeout / 4),
            AckInterval = random.Scaled(10, linkTimeout / 4),
            LinkTimeout = linkTimeout,
            ConnectTimeout = random.Scaled(100, 2_000),
            HandshakeTimeout = random.Scaled(200, 2_000),
            ReconnectDelay = random.Scaled(20, 1_000),
            ChunkSize = (int)random.Scaled(32, 64 * 1024),
            RecoveryWindow = 1_500,
            RecoveryLimit = 10_000,
        };
    }
}
