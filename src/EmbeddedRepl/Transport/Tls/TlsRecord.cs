namespace EmbeddedRepl.Transport.Tls;

/// <summary>
/// Tells TLS from what nodes say without it, by the first byte of either end. A frame begins with the upper byte of its length, which is 0
/// for every frame that is small enough to be allowed.
/// </summary>
internal static class TlsRecord
{
    private const byte Alert = 21;
    private const byte Handshake = 22;
    private const byte MajorVersion = 3;

    /// <summary>Whether the first bytes of a connection can begin a TLS handshake: a record of it, or an alert.</summary>
    /// <param name="first">At least one byte; more are looked at if they are there.</param>
    public static bool IsTls(ReadOnlySpan<byte> first) => first[0] is Handshake or Alert && (first.Length == 1 || first[1] == MajorVersion);
}
