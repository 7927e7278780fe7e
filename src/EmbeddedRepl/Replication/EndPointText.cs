using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace EmbeddedRepl.Replication;

/// <summary>
/// An address as a person writes it: <c>host:port</c>, <c>[::1]:6390</c>, a host alone (port 6390), and to listen on also
/// <c>*:6390</c> and <c>:6390</c> for every address of the machine. Nothing is resolved here; this is the check of what was typed.
/// </summary>
/// <param name="Host">A name or an address without brackets; <c>*</c> for every address.</param>
/// <param name="Port">0 to 65535; 0 lets the system choose one to listen on.</param>
internal readonly record struct EndPointText(string Host, int Port)
{
    /// <summary>The port when none is written.</summary>
    public const int DefaultPort = 6390;

    /// <summary>Whether this means every address of the machine.</summary>
    public bool IsEveryAddress => Host == "*" || (IPAddress.TryParse(Host, out IPAddress? address)
        && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)));

    private bool IsLoopback => string.Equals(Host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(Host, out IPAddress? address) && IPAddress.IsLoopback(address));

    /// <summary>Reads an address.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="result">The address.</param>
    /// <param name="problem">A sentence for the person who typed it, or null.</param>
    public static bool TryParse(string text, out EndPointText result, [NotNullWhen(false)] out string? problem)
    {
        result = default;
        if (!TrySplit(text, out string host, out string? portText))
        {
            problem = $"'{text}' is not an address; write host:port, and an IPv6 address in brackets, as [::1]:{DefaultPort}.";
            return false;
        }

        int port = DefaultPort;
        if (portText is not null
            && (!int.TryParse(portText, NumberStyles.None, CultureInfo.InvariantCulture, out port) || port > IPEndPoint.MaxPort))
        {
            problem = $"'{text}' is not an address; the port must be a number from 0 to {IPEndPoint.MaxPort}.";
            return false;
        }

        if (host != "*" && Uri.CheckHostName(host) == UriHostNameType.Unknown)
        {
            problem = $"'{text}' is not an address; '{host}' is neither a host name nor an IP address.";
            return false;
        }

        result = new EndPointText(host, port);
        problem = null;
        return true;
    }

    /// <summary>Why nothing can be connected to under this address, or null.</summary>
    public string? ProblemAsTarget() =>
        IsEveryAddress ? $"'{this}' is no address to connect to; it can only be listened on."
        : Port == 0 ? $"'{this}' is no address to connect to; the port must be from 1 to {IPEndPoint.MaxPort}."
        : null;

    /// <summary>
    /// Whether connecting to this address certainly reaches <paramref name="listener"/> on the same machine, as far as the texts tell.
    /// Other ways to reach oneself are found in the handshake, by the run id.
    /// </summary>
    public bool Reaches(EndPointText listener) =>
        Port == listener.Port
        && (string.Equals(Host, listener.Host, StringComparison.OrdinalIgnoreCase)
            || (IsLoopback && (listener.IsLoopback || listener.IsEveryAddress)));

    /// <summary>Prints the address so that it can be read again.</summary>
    public override string ToString() =>
        Host.Contains(':', StringComparison.Ordinal)
            ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
            : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    private static bool TrySplit(string text, out string host, out string? port)
    {
        int colon = text.LastIndexOf(':');
        if (text.StartsWith('['))
        {
            int end = text.IndexOf(']', StringComparison.Ordinal);
            host = end < 0 ? string.Empty : text[1..end];
            port = colon > end ? text[(colon + 1)..] : null;
            return end > 0 && host.Contains(':', StringComparison.Ordinal) && (end == text.Length - 1 || colon == end + 1);
        }

        host = colon < 0 ? text : text[..colon];
        port = colon < 0 ? null : text[(colon + 1)..];
        if (colon == 0)
        {
            host = "*";
        }

        return host.Length > 0 && !host.Contains(':', StringComparison.Ordinal);
    }
}
