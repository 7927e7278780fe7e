using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Unicode;

namespace EmbeddedRepl.Storage;

/// <summary>
/// Turns keys (any UTF-16 string) into bytes and back. The bytes are WTF-8, generalized UTF-8: a pair of surrogates takes four bytes as in
/// UTF-8, a lone one takes three. Strings and canonical byte sequences correspond one to one, so comparing bytes compares keys ordinally.
/// Stateless and thread-safe; the caller owns all buffers.
/// </summary>
internal static class KeyCodec
{
    /// <summary>The most bytes that one UTF-16 code unit can take.</summary>
    public const int MaxBytesPerChar = 3;

    private const int SurrogateSize = 3;

    /// <summary>The exact number of bytes that <paramref name="key"/> takes.</summary>
    public static int GetByteCount(ReadOnlySpan<char> key)
    {
        // A lone surrogate takes three bytes, and so does the replacement character that UTF-8 counts in its place.
        return Encoding.UTF8.GetByteCount(key);
    }

    /// <summary>Writes the bytes of a key.</summary>
    /// <param name="key">Any UTF-16 text.</param>
    /// <param name="destination">Receives the bytes; <see cref="MaxBytesPerChar"/> times the length of the key always suffices.</param>
    /// <returns>The number of bytes written.</returns>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too small; its content is undefined then.</exception>
    public static int Encode(ReadOnlySpan<char> key, Span<byte> destination)
    {
        int done = NarrowAscii(key, destination);
        return done == key.Length ? done : done + EncodeAny(key[done..], destination[done..]);
    }

    /// <summary>Reads a key from its bytes.</summary>
    /// <exception cref="ArgumentException">The bytes are not canonical WTF-8.</exception>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        return TryDecode(bytes, out string? key) ? key : throw new ArgumentException("The bytes of the key are not canonical WTF-8.", nameof(bytes));
    }

    /// <summary>Reads a key from its bytes.</summary>
    /// <returns>Whether the bytes are canonical WTF-8: what <see cref="Encode"/> would write for that key.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? key)
    {
        char[] rented = ArrayPool<char>.Shared.Rent(bytes.Length);
        bool valid = TryDecode(bytes, rented, out int length);
        key = valid ? new string(rented, 0, length) : null;
        ArrayPool<char>.Shared.Return(rented);
        return valid;
    }

    /// <summary>Whether the bytes are what <see cref="Encode"/> writes for some key.</summary>
    public static bool IsCanonical(ReadOnlySpan<byte> bytes)
    {
        return Utf8.IsValid(bytes) || TryDecode(bytes, out _);
    }

    // Most keys are short and ASCII. The general converters cost more to enter than such a key takes here.
    private static int NarrowAscii(ReadOnlySpan<char> key, Span<byte> destination)
    {
        if (destination.Length < key.Length)
        {
            throw TooSmall();
        }

        ReadOnlySpan<ushort> units = MemoryMarshal.Cast<char, ushort>(key);
        int done = 0;
        while (units.Length - done >= Vector128<ushort>.Count)
        {
            Vector128<ushort> eight = Vector128.Create(units[done..]);
            if ((eight & Vector128.Create((ushort)0xFF80)) != Vector128<ushort>.Zero)
            {
                return done;
            }

            MemoryMarshal.Write(destination[done..], Vector128.Narrow(eight, eight).AsUInt64().ToScalar());
            done += Vector128<ushort>.Count;
        }

        for (; done < units.Length; done++)
        {
            ushort unit = units[done];
            if (unit > 0x7F)
            {
                return done;
            }

            destination[done] = (byte)unit;
        }

        return done;
    }

    private static int EncodeAny(ReadOnlySpan<char> key, Span<byte> destination)
    {
        int written = 0;
        while (true)
        {
            OperationStatus status = Utf8.FromUtf16(key, destination[written..], out int charsRead, out int bytesWritten, replaceInvalidSequences: false);
            key = key[charsRead..];
            written += bytesWritten;
            if (status == OperationStatus.Done)
            {
                return written;
            }

            // Utf8 stops only in front of a lone surrogate, or because the destination is full.
            if (status == OperationStatus.DestinationTooSmall || destination.Length - written < SurrogateSize)
            {
                throw TooSmall();
            }

            char surrogate = key[0];
            destination[written] = 0xED;
            destination[written + 1] = (byte)(0x80 | ((surrogate >> 6) & 0x3F));
            destination[written + 2] = (byte)(0x80 | (surrogate & 0x3F));
            written += SurrogateSize;
            key = key[1..];
        }
    }

    private static bool TryDecode(ReadOnlySpan<byte> bytes, Span<char> destination, out int length)
    {
        length = 0;
        while (true)
        {
            OperationStatus status = Utf8.ToUtf16(bytes, destination[length..], out int bytesRead, out int charsWritten, replaceInvalidSequences: false);
            bytes = bytes[bytesRead..];
            length += charsWritten;
            if (status == OperationStatus.Done)
            {
                return true;
            }

            if (bytes.Length < SurrogateSize || bytes[0] != 0xED || (bytes[1] & 0xE0) != 0xA0 || (bytes[2] & 0xC0) != 0x80)
            {
                return false;
            }

            char surrogate = (char)(0xD000 | ((bytes[1] & 0x3F) << 6) | (bytes[2] & 0x3F));

            // A pair must come as four bytes; two times three would be a second spelling of the same key.
            if (char.IsLowSurrogate(surrogate) && length > 0 && char.IsHighSurrogate(destination[length - 1]))
            {
                return false;
            }

            destination[length++] = surrogate;
            bytes = bytes[SurrogateSize..];
        }
    }

    private static ArgumentException TooSmall()
    {
        return new ArgumentException("The destination is too small for the bytes of the key.", "destination");
    }
}
