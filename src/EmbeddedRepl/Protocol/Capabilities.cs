namespace EmbeddedRepl.Protocol;

/// <summary>
/// What a node can do beyond the core of its major version. Each side announces what it offers and what it requires; what both offer may be
/// used, and a required bit that the other side does not offer ends the handshake. Bits that are not named here are carried along unharmed.
/// </summary>
[Flags]
internal enum Capabilities : ulong
{
    /// <summary>The core only.</summary>
    None = 0,

    /// <summary>Takes part in the recovery of a restarted master: <see cref="RecoveryOfferFrame"/> and what follows it.</summary>
    Recovery = 1 << 0,

    /// <summary>Sends or accepts forwarded writes: <see cref="WriteRequestFrame"/>.</summary>
    WriteForwarding = 1 << 1,

    /// <summary>Sends or accepts touches of sliding entries: <see cref="TouchRequestFrame"/>.</summary>
    Touches = 1 << 2,

    /// <summary>Sends or takes <see cref="UpstreamChangedFrame"/>.</summary>
    UpstreamUpdates = 1 << 3,

    /// <summary>Offers to a recovering master, or takes into account, data that an order has given up: <see cref="RecoverySource.GivenUp"/>.</summary>
    GivenUpOffers = 1 << 4,
}
