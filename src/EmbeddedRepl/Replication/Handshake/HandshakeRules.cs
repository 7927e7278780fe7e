using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication.Handshake;

/// <summary>The checks that both ends of a handshake make in the same way.</summary>
internal static class HandshakeRules
{
    /// <summary>What this build can do beyond the core.</summary>
    public const Capabilities Offered =
        Capabilities.Recovery | Capabilities.WriteForwarding | Capabilities.Touches | Capabilities.UpstreamUpdates | Capabilities.GivenUpOffers;

    /// <summary>What a peer must be able to do.</summary>
    public const Capabilities Required = Capabilities.None;

    public static HelloFrame MakeHello(NodeSettings settings, byte[] nonce) =>
        new(ProtocolVersion.Major, settings.ProtocolMinorVersion, settings.OfferedCapabilities, Required, nonce);

    public static void CheckVersion(NodeSettings settings, in HelloFrame peer)
    {
        if (peer.MajorVersion != ProtocolVersion.Major)
        {
            throw new ProtocolException(
                ErrorCode.UnsupportedVersion,
                $"The peer speaks protocol version {peer.MajorVersion}, this node version {ProtocolVersion.Major}. Run versions of EmbeddedRepl that share a major protocol version.");
        }

        Capabilities missing = peer.RequiredCapabilities & ~settings.OfferedCapabilities;
        if (missing != Capabilities.None)
        {
            throw new ProtocolException(ErrorCode.MissingCapability, $"The peer requires capabilities that this node lacks: {missing}.");
        }

        missing = Required & ~peer.Capabilities;
        if (missing != Capabilities.None)
        {
            throw new ProtocolException(ErrorCode.MissingCapability, $"This node requires capabilities that the peer lacks: {missing}.");
        }
    }

    public static void CheckCacheName(string own, string peers)
    {
        if (!string.Equals(own, peers, StringComparison.Ordinal))
        {
            throw new ProtocolException(
                ErrorCode.WrongCacheName, $"This node's cache is named '{own}' and the peer's '{PrintableText.Of(peers)}'. Nodes replicate only if CacheName is the same on both.");
        }
    }
}
