using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace EmbeddedRepl.Storage;

/// <summary>
/// SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", with one round per block and three at the end, as Rust and
/// Python use it): who does not know the seed can't choose keys that collide. Thread-safe.
/// </summary>
internal static class SipHash
{
    /// <summary>The 64-bit hash of <paramref name="bytes"/> under <paramref name="seed"/>; the same on every node.</summary>
    public static ulong Hash(ReadOnlySpan<byte> bytes, StoreSeed seed)
    {
        ulong v0 = seed.Low ^ 0x736f6d6570736575;
        ulong v1 = seed.High ^ 0x646f72616e646f6d;
        ulong v2 = seed.Low ^ 0x6c7967656e657261;
        ulong v3 = seed.High ^ 0x7465646279746573;
        ulong last = (ulong)bytes.Length << 56;

        while (bytes.Length >= sizeof(ulong))
        {
            ulong block = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            v3 ^= block;
            Round(ref v0, ref v1, ref v2, ref v3);
            v0 ^= block;
            bytes = bytes[sizeof(ulong)..];
        }

        last |= ReadTail(bytes);
        v3 ^= last;
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= last;

        v2 ^= 0xFF;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        return v0 ^ v1 ^ v2 ^ v3;
    }

    /// <summary>Up to 8 bytes as a number, by few overlapping reads; of inputs of one length no two give the same.</summary>
    internal static ulong ReadTail(ReadOnlySpan<byte> bytes)
    {
        // Two overlapping reads instead of up to seven single ones; bytes that are read twice are the same bits in the same place.
        if (bytes.Length >= sizeof(uint))
        {
            uint first = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            uint final = BinaryPrimitives.ReadUInt32LittleEndian(bytes[^sizeof(uint)..]);
            return first | ((ulong)final << ((bytes.Length - sizeof(uint)) * 8));
        }

        if (bytes.Length == 0)
        {
            return 0;
        }

        return bytes[0] | ((ulong)bytes[bytes.Length >> 1] << ((bytes.Length >> 1) * 8)) | ((ulong)bytes[^1] << ((bytes.Length - 1) * 8));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v2 += v3;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v1;
        v0 += v3;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}
