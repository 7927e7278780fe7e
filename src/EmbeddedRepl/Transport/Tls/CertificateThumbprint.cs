namespace EmbeddedRepl.Transport.Tls;

/// <summary>The SHA-1 thumbprint of a certificate as people copy it from other programs.</summary>
internal static class CertificateThumbprint
{
    /// <summary>The number of hexadecimal digits.</summary>
    public const int Length = 40;

    /// <summary>
    /// The digits alone, or null if this is no such thumbprint. Other programs put colons or spaces between the digits, and the certificate dialog of Windows an invisible mark in front of them.
    /// </summary>
    public static string? Normalize(string text)
    {
        string digits = string.Concat(text.Where(c => c is not (':' or ' ' or '\u200E')));
        return digits.Length == Length && digits.All(char.IsAsciiHexDigit) ? digits : null;
    }
}
