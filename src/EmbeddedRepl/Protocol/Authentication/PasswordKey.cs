using System.Security.Cryptography;
using System.Text;

namespace EmbeddedRepl.Protocol;

/// <summary>
/// The key that a password gives: SHA-256 of its bytes. HMAC pads a short key with zeros, so that "a" and "a\0" would be the same key; their
/// hashes are not. Holds no password, and prints nothing.
/// </summary>
internal sealed class PasswordKey
{
    /// <summary>The longest password, in bytes.</summary>
    public const int MaxPasswordSize = 512;

    private readonly byte[] _bytes;

    private PasswordKey(byte[] bytes) => _bytes = bytes;

    /// <summary>The 32 bytes of the key.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Makes the key of a password.</summary>
    /// <param name="password">
    /// Any string of 1 to <see cref="MaxPasswordSize"/> bytes. Its bytes are its UTF-8; a lone surrogate, which UTF-8 does not have, gives the
    /// three bytes that its number would have there, so that no two passwords have the same bytes.
    /// </param>
    /// <exception cref="ArgumentException">The password is empty or too long.</exception>
    public static PasswordKey Create(string password)
    {
        ArgumentNullException.ThrowIfNull(password);
        byte[] bytes = new byte[password.Length * 3];
        int size = Encode(password, bytes);
        if (size is 0 or > MaxPasswordSize)
        {
            throw new ArgumentException($"A password has 1 to {MaxPasswordSize} bytes, not {size}.", nameof(password));
        }

        PasswordKey key = new(SHA256.HashData(bytes.AsSpan(0, size)));
        CryptographicOperations.ZeroMemory(bytes);
        return key;
    }

    private static int Encode(ReadOnlySpan<char> password, Span<byte> destination)
    {
        int written = 0;
        while (!password.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(password, out Rune rune, out int consumed) == System.Buffers.OperationStatus.Done)
            {
                written += rune.EncodeToUtf8(destination[written..]);
            }
            else
            {
                char surrogate = password[0];
                destination[written++] = (byte)(0xe0 | (surrogate >> 12));
                destination[written++] = (byte)(0x80 | ((surrogate >> 6) & 0x3f));
                destination[written++] = (byte)(0x80 | (surrogate & 0x3f));
            }

            password = password[consumed..];
        }

        return written;
    }
}
