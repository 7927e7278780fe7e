using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Handshake;

namespace EmbeddedRepl.Tests.Replication;

/// <summary>First frames of a connection.</summary>
internal static class Hellos
{
    public static HelloFrame Hello(byte nonce = 77)
    {
        byte[] bytes = new byte[ProtocolLimits.NonceSize];
        Array.Fill(bytes, nonce);
        return HandshakeRules.MakeHello(new NodeSettings(), bytes);
    }

    public static HelloReplyFrame Reply(bool demandsPassword = false) => new(Hello(88), demandsPassword);

    public static IdentifiedFrame Identified() => new("default", EmbeddedRepl.TestKit.Core.CoreNode.RunIdOf(98), [], 65_000, 64 << 20, 10_000);
}
