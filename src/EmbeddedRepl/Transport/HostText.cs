using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace EmbeddedRepl.Transport;

/// <summary>
/// Checks and unifies the host part of a <see cref="HostEndPoint"/>. It is stricter than <see cref="IPAddress"/>, which takes <c>6390</c> for the
/// address 0.0.24.246 and <c>010.0.0.1</c> for an octal number: a slip in a configuration file must be an error and not another machine.
/// </summary>
internal static class HostText
{
    private const int MaxNameLength = 253;
    private const int MaxLabelLength = 63;

    /// <summary>Gives the one form of the host in which it is compared and printed.</summary>
    /// <param name="host">A name, an IP address with or without brackets, or <c>*</c>.</param>
    /// <param name="normalized">The form without brackets and in lower case, if it is valid.</param>
    /// <param name="reason">Otherwise a sentence that says what is wrong.</param>
    public static bool TryNormalize(string host, [NotNullWhen(true)] out string? normalized, [NotNullWhen(false)] out string? reason)
    {
        normalized = null;
        reason = null;
        if (host == HostEndPoint.AnyHost)
        {
            normalized = host;
            return true;
        }

        bool isBracketed = host.Length > 2 && host[0] == '[' && host[^1] == ']';
        string text = isBracketed ? host[1..^1] : host;
        if (isBracketed || text.Contains(':', StringComparison.Ordinal))
        {
            if (IPAddress.TryParse(text, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                normalized = address.ToString();
                return true;
            }

            reason = $"'{text}' is no IPv6 address.";
            return false;
        }

        // A name whose last label is a number would be read as an IPv4 address by some resolvers and not by others (RFC 3696, section 2).
        string[] labels = text.Split('.');
        if (IsNumber(labels[^1]))
        {
            if (labels.Length == 4 && Array.TrueForAll(labels, IsOctet))
            {
                normalized = text;
                return true;
            }

            reason = labels.Length == 1 ? $"'{text}' is no host; a port alone is written as :{text}." : $"'{text}' is no IPv4 address.";
            return false;
        }

        if (text.Length > MaxNameLength || !Array.TrueForAll(labels, IsLabel))
        {
            reason = $"'{text}' is no host name; it may have letters, digits, hyphens and underscores, in parts separated by single full stops.";
            return false;
        }

        normalized = text.ToLowerInvariant();
        return true;
    }

    private static bool IsNumber(string label) => label.Length > 0 && label.All(char.IsAsciiDigit);

    private static bool IsOctet(string label) => IsNumber(label) && label.Length <= 3 && (label.Length == 1 || label[0] != '0') && byte.TryParse(label, out _);

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= MaxLabelLength && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') && label[0] != '-' && label[^1] != '-';
}
