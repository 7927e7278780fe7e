using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Handshake;
using EmbeddedRepl.Simulation.Engine;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>Draws what the full regime adds to a node's configuration: versions, memory limits, and times that longer delays need.</summary>
internal static class FullDraw
{
    /// <summary>Bits that no version knows yet.</summary>
    private const Capabilities Unknown = (Capabilities)(1UL << 40 | 1UL << 63);

    /// <summary>A limit that is met: the store takes memory in steps of up to 1 MiB, and keeps one free.</summary>
    public static long DrawMemory(SeededRandom random) => random.Between(3, 6) << 20;

    public static NodeSettings Adapt(SeededRandom random, NodeSettings settings, bool isMixed, bool isNewer)
    {
        Capabilities offered = HandshakeRules.Offered;
        if (isNewer)
        {
            offered |= Unknown;
        }
        else if (isMixed && random.Chance(50))
        {
            // What an older minor version lacks; each on its own, because the agreement is bit by bit.
            offered &= ~random.Pick(Capabilities.Recovery, Capabilities.WriteForwarding, Capabilities.Touches, Capabilities.UpstreamUpdates, Capabilities.GivenUpOffers, HandshakeRules.Offered);
        }

        return settings with
        {
            OfferedCapabilities = offered,
            ProtocolMinorVersion = ProtocolVersion.Minor + (isNewer ? 1 : 0),

            // A handshake takes seven ways of up to 30 ms each, between nodes of which the slowest needs 10 ms for a frame.
            HandshakeTimeout = Math.Max(settings.HandshakeTimeout, 700),
            ConnectTimeout = Math.Max(settings.ConnectTimeout, 200),
            RecoveryWindow = random.Pick(500, 1_500, 3_000, 3_000),
            BacklogSize = random.Chance(35) ? Math.Max(settings.BacklogSize, 300_000) : settings.BacklogSize,
            BacklogTimeToLive = random.Pick(0, 500, 3_600_000),
            ExpectedReplicas = random.Pick(0, 0, 0, 0, 0, 1),
        };
    }
}
