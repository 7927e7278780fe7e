using System.Net;

namespace EmbeddedRepl.Transport;

/// <summary>Decides whether a peer is on this machine. Protected mode lets only such peers in as long as there is no password.</summary>
internal static class LoopbackPeer
{
    /// <summary>
    /// Whether the address is a loopback one: 127.0.0.0/8, ::1, or 127.0.0.0/8 written as an IPv6 address, which is how a socket that listens on
    /// both families reports IPv4 peers (<see cref="IPAddress.IsLoopback"/> knows only one address of those). Null and every other kind of
    /// address are not: what cannot be told is treated as foreign.
    /// </summary>
    public static bool IsLoopback(EndPoint? endPoint) => endPoint is IPEndPoint { Address: var address } && IPAddress.IsLoopback(Unmap(address));

    /// <summary>The IPv4 address that an IPv6 address stands for, or the address itself; so that logs show what people know.</summary>
    public static IPAddress Unmap(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
