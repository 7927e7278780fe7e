using EmbeddedRepl.Fuzz.Generation;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Handshake;

namespace EmbeddedRepl.Fuzz.Targets;

/// <summary>Settings of nodes that may not fit together: passwords, names, limits.</summary>
internal static class PeerSettings
{
    private static readonly PasswordKey[] Passwords = [PasswordKey.Create("one"), PasswordKey.Create("two")];

    /// <summary>Settings of a node that is tested: mostly such that others can talk to it.</summary>
    public static NodeSettings DrawOwn(FuzzRandom random) => random.Next(3) switch
    {
        0 => new NodeSettings { AcceptedPasswords = [Passwords[0]], MasterPassword = Passwords[0] },
        1 => Draw(new NodeSettings(), random),
        _ => new NodeSettings(),
    };

    /// <summary>Settings of its peer.</summary>
    public static NodeSettings Draw(NodeSettings settings, FuzzRandom random) => random.Next(8) switch
    {
        0 => settings with { AcceptedPasswords = [Passwords[random.Next(2)]], MasterPassword = Passwords[random.Next(2)] },
        1 => settings with { AcceptedPasswords = [], MasterPassword = Passwords[random.Next(2)] },
        2 => settings with { AcceptedPasswords = [Passwords[random.Next(2)]], MasterPassword = null },
        3 => settings with { CacheName = random.OneIn(2) ? "other" : "default" },
        4 => settings with { MaxKeySize = random.Next(1, 400), MaxValueSize = random.Next(1, 10_000) },
        5 => settings with { AcceptedPasswords = [], MasterPassword = null },
        6 => settings with { OfferedCapabilities = HandshakeRules.Offered & ~(random.OneIn(2) ? Capabilities.GivenUpOffers : (Capabilities)(1UL << random.Next(5))) },
        _ => settings,
    };
}
