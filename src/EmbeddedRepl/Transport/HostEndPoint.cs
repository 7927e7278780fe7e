using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace EmbeddedRepl.Transport;

/// <summary>
/// Where a node listens or is reached: a host and a port, as configured. The host is a name in lower case, an IP address in its usual form, or
/// <see cref="AnyHost"/>; two values that are written differently but mean the same text are equal. Names are not resolved here.
/// </summary>
internal readonly record struct HostEndPoint
{
    /// <summary>The port that is meant when none is written.</summary>
    public const int DefaultPort = 6390;

    /// <summary>The host that stands for all addresses of this machine, IPv4 and IPv6.</summary>
    public const string AnyHost = "*";

    private readonly string? _host;

    /// <summary>Makes an endpoint from its parts.</summary>
    /// <param name="host">A name, an IP address with or without brackets, or <c>*</c>.</param>
    /// <param name="port">0 to 65535; 0 means a free port and is of use to listeners only.</param>
    /// <exception cref="ArgumentException">One of them is not valid; the message says why.</exception>
    public HostEndPoint(string host, int port)
    {
        if (!HostText.TryNormalize(host, out string? normalized, out string? reason))
        {
            throw new ArgumentException(reason, nameof(host));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, IPEndPoint.MaxPort);
        _host = normalized;
        Port = port;
    }

    /// <summary>The host without brackets; never null or empty.</summary>
    public string Host => _host ?? AnyHost;

    /// <summary>The port, 0 to 65535; 0 lets a listener take a free one.</summary>
    public int Port { get; }

    /// <summary>Whether the host stands for all addresses of this machine: <c>*</c>, <c>0.0.0.0</c> or <c>[::]</c>.</summary>
    public bool IsAnyHost => Host is AnyHost or "0.0.0.0" or "::";

    private bool IsLoopback => Host == "localhost" || (TryGetAddress(out IPAddress? address) && LoopbackPeer.IsLoopback(new IPEndPoint(address, Port)));

    /// <summary>Takes an address that a socket reports; an IPv4 address that is written as IPv6 becomes IPv4 again.</summary>
    /// <exception cref="ArgumentException"><paramref name="endPoint"/> is no IP endpoint.</exception>
    public static HostEndPoint From(EndPoint endPoint) => endPoint is IPEndPoint ip
        ? new HostEndPoint(LoopbackPeer.Unmap(ip.Address).ToString(), ip.Port)
        : throw new ArgumentException($"{endPoint} is no IP endpoint.", nameof(endPoint));

    /// <summary>
    /// Reads <c>host:port</c>, <c>host</c>, <c>:port</c>, <c>*:port</c> or <c>[IPv6]:port</c>. Without a port, <see cref="DefaultPort"/> is meant;
    /// without a host, <see cref="AnyHost"/>.
    /// </summary>
    /// <param name="text">What the user wrote; blanks around it are ignored.</param>
    /// <param name="endPoint">The result, if it worked.</param>
    /// <param name="reason">Otherwise a sentence that says what is wrong, for the message to the user.</param>
    public static bool TryParse(string? text, out HostEndPoint endPoint, [NotNullWhen(false)] out string? reason)
    {
        endPoint = default;
        string trimmed = text?.Trim() ?? "";
        if (trimmed.Length == 0)
        {
            reason = "An endpoint is missing; write it as host:port.";
            return false;
        }

        if (!TrySplit(trimmed, out string host, out string? portText, out reason))
        {
            return false;
        }

        int port = DefaultPort;
        if (portText is not null && !(int.TryParse(portText, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= IPEndPoint.MaxPort))
        {
            reason = $"The port of '{trimmed}' must be a number from 0 to {IPEndPoint.MaxPort}.";
            return false;
        }

        if (!HostText.TryNormalize(host, out string? normalized, out reason))
        {
            return false;
        }

        endPoint = new HostEndPoint(normalized, port);
        return true;
    }

    /// <summary>Reads what <see cref="TryParse"/> reads.</summary>
    /// <exception cref="FormatException">It cannot be read; the message says why.</exception>
    public static HostEndPoint Parse(string text) => TryParse(text, out HostEndPoint endPoint, out string? reason) ? endPoint : throw new FormatException(reason);

    /// <summary>Whether two texts mean the same endpoint, as far as texts tell; one that is missing or cannot be read is no other's.</summary>
    public static bool AreSame(string? one, string? other) =>
        TryParse(one, out HostEndPoint first, out _) && TryParse(other, out HostEndPoint second, out _) && first == second;

    /// <summary>The IP address that the host is, without asking a name server; false for names and <c>*</c>.</summary>
    public bool TryGetAddress([NotNullWhen(true)] out IPAddress? address) => IPAddress.TryParse(Host, out address);

    /// <summary>Why nothing can be connected to under this endpoint, as a sentence; or null.</summary>
    public string? ProblemAsTarget() =>
        IsAnyHost ? $"'{this}' is no endpoint to connect to; it can only be listened on."
        : Port == 0 ? $"'{this}' is no endpoint to connect to; the port must be from 1 to {IPEndPoint.MaxPort}."
        : null;

    /// <summary>Why nothing can be connected to under this host, whatever the port, as a sentence; or null.</summary>
    /// <param name="host">What the user wrote, without a port.</param>
    public static string? ProblemAsTargetHost(string host) =>
        HostText.TryNormalize(host, out string? name, out string? reason) ? new HostEndPoint(name, 1).ProblemAsTarget() : reason;

    /// <summary>
    /// Whether connecting to this endpoint certainly reaches <paramref name="listener"/> on the same machine, as far as the texts tell. Other ways for a node to
    /// reach itself are found in the handshake, by the run id.
    /// </summary>
    public bool Reaches(HostEndPoint listener) =>
        Port == listener.Port && (Host == listener.Host || (IsLoopback && (listener.IsLoopback || listener.IsAnyHost)));

    /// <summary>Prints <c>host:port</c>, an IPv6 address in brackets.</summary>
    public override string ToString() => TryGetAddress(out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetworkV6
        ? $"[{Host}]:{Port}"
        : $"{Host}:{Port}";

    private static bool TrySplit(string text, out string host, out string? port, [NotNullWhen(false)] out string? reason)
    {
        host = text;
        port = null;
        reason = null;
        if (text[0] == '[')
        {
            int end = text.IndexOf(']', StringComparison.Ordinal);
            if (end < 0 || (end + 1 < text.Length && text[end + 1] != ':'))
            {
                reason = $"'{text}' must have the form [address]:port.";
                return false;
            }

            host = text[..(end + 1)];
            port = end + 1 < text.Length ? text[(end + 2)..] : null;
            return true;
        }

        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon != text.LastIndexOf(':'))
        {
            reason = $"'{text}' has several colons; put an IPv6 address in brackets, as in [::1]:{DefaultPort}.";
            return false;
        }

        if (colon >= 0)
        {
            host = colon == 0 ? AnyHost : text[..colon];
            port = text[(colon + 1)..];
        }

        return true;
    }
}
