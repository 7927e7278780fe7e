using EmbeddedRepl.Transport;

namespace EmbeddedRepl.Replication.Master;

/// <summary>How a replica is called: where its connection comes from, or what it announces instead of the host, the port, or both.</summary>
internal static class PeerAddress
{
    /// <summary>Puts what a replica announces in the place of what its connection shows.</summary>
    /// <param name="connected">Where the connection comes from, <c>host:port</c>.</param>
    /// <param name="host">The announced host, or null. It comes from the peer: one that is no host is passed over, because it would forge log messages.</param>
    /// <param name="port">The announced port, or 0.</param>
    public static string Announced(string connected, string? host, int port)
    {
        if (host is null && port == 0)
        {
            return connected;
        }

        bool isKnown = HostEndPoint.TryParse(connected, out HostEndPoint from, out _);
        string? name = Usable(host) ?? (isKnown ? from.Host : null);
        return name is null ? connected : new HostEndPoint(name, port != 0 ? port : from.Port).ToString();
    }

    /// <summary>The host in its usual form; null for what is none, and for one that means every address of a machine: nobody can be reached there.</summary>
    private static string? Usable(string? host) =>
        host is not null && HostText.TryNormalize(host, out string? name, out _) && !new HostEndPoint(name, 0).IsAnyHost ? name : null;
}
