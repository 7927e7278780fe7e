using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace EmbeddedRepl.Storage;

/// <summary>
/// The 128-bit variant of XXH3 with a seed, after its published specification (Collet, xxHash 0.8, <c>doc/xxhash_spec.md</c>). This file
/// holds the classes up to 240 bytes, <see cref="XxHash3Long"/> the rest. Thread-safe.
/// </summary>
internal static class XxHash3
{
    internal const uint Prime32A = 0x9E3779B1;
    internal const uint Prime32B = 0x85EBCA77;
    internal const uint Prime32C = 0xC2B2AE3D;
    internal const ulong Prime64A = 0x9E3779B185EBCA87;
    internal const ulong Prime64B = 0xC2B2AE3D27D4EB4F;
    internal const ulong Prime64C = 0x165667B19E3779F9;
    internal const ulong Prime64D = 0x85EBCA77C2B2AE63;
    internal const ulong Prime64E = 0x27D4EB2F165667C5;
    private const ulong PrimeMix1 = 0x165667919E3779F9;
    private const ulong PrimeMix2 = 0x9FB21C651E98DF25;
    private const int LongestShort = 240;

    /// <summary>The default secret of the specification.</summary>
    internal static ReadOnlySpan<byte> Secret =>
    [
        0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c, 0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb,
        0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f, 0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
        0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c, 0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb,
        0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3, 0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
        0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d, 0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31,
        0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64, 0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
        0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e, 0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc,
        0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce, 0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
    ];

    /// <summary>The hash of <paramref name="input"/>.</summary>
    public static UInt128 Hash(ReadOnlySpan<byte> input, ulong seed)
    {
        return input.Length switch
        {
            <= 8 => input.Length > 3 ? Hash4To8(input, seed) : input.Length > 0 ? Hash1To3(input, seed) : HashEmpty(seed),
            <= 16 => Hash9To16(input, seed),
            <= 128 => Hash17To128(input, seed),
            <= LongestShort => Hash129To240(input, seed),
            _ => XxHash3Long.Hash(input, seed),
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Read64(ReadOnlySpan<byte> source, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(source[offset..]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Fold(ulong left, ulong right)
    {
        ulong high = Math.BigMul(left, right, out ulong low);
        return high ^ low;
    }

    internal static ulong Avalanche(ulong hash)
    {
        hash ^= hash >> 37;
        hash *= PrimeMix1;
        return hash ^ (hash >> 32);
    }

    private static uint Read32(ReadOnlySpan<byte> source, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(source[offset..]);

    private static ulong ClassicAvalanche(ulong hash)
    {
        hash ^= hash >> 33;
        hash *= Prime64B;
        hash ^= hash >> 29;
        hash *= Prime64C;
        return hash ^ (hash >> 32);
    }

    private static UInt128 HashEmpty(ulong seed)
    {
        ulong low = ClassicAvalanche(seed ^ Read64(Secret, 64) ^ Read64(Secret, 72));
        ulong high = ClassicAvalanche(seed ^ Read64(Secret, 80) ^ Read64(Secret, 88));
        return new UInt128(high, low);
    }

    private static UInt128 Hash1To3(ReadOnlySpan<byte> input, ulong seed)
    {
        uint combinedLow = ((uint)input[0] << 16) | ((uint)input[input.Length >> 1] << 24) | input[^1] | ((uint)input.Length << 8);
        uint combinedHigh = BitOperations.RotateLeft(BinaryPrimitives.ReverseEndianness(combinedLow), 13);
        ulong flipLow = (Read32(Secret, 0) ^ Read32(Secret, 4)) + seed;
        ulong flipHigh = (Read32(Secret, 8) ^ Read32(Secret, 12)) - seed;
        return new UInt128(ClassicAvalanche(combinedHigh ^ flipHigh), ClassicAvalanche(combinedLow ^ flipLow));
    }

    private static UInt128 Hash4To8(ReadOnlySpan<byte> input, ulong seed)
    {
        seed ^= (ulong)BinaryPrimitives.ReverseEndianness((uint)seed) << 32;
        ulong combined = Read32(input, 0) + ((ulong)Read32(input, input.Length - 4) << 32);
        ulong keyed = combined ^ ((Read64(Secret, 16) ^ Read64(Secret, 24)) + seed);
        ulong high = Math.BigMul(keyed, Prime64A + ((ulong)input.Length << 2), out ulong low);
        high += low << 1;
        low ^= high >> 3;
        low ^= low >> 35;
        low *= PrimeMix2;
        low ^= low >> 28;
        return new UInt128(Avalanche(high), low);
    }

    private static UInt128 Hash9To16(ReadOnlySpan<byte> input, ulong seed)
    {
        ulong flipLow = (Read64(Secret, 32) ^ Read64(Secret, 40)) - seed;
        ulong flipHigh = (Read64(Secret, 48) ^ Read64(Secret, 56)) + seed;
        ulong inputLow = Read64(input, 0);
        ulong inputHigh = Read64(input, input.Length - 8);
        ulong high = Math.BigMul(inputLow ^ inputHigh ^ flipLow, Prime64A, out ulong low);
        low += (ulong)(input.Length - 1) << 54;
        inputHigh ^= flipHigh;
        high += inputHigh + Math.BigMul((uint)inputHigh, Prime32B - 1);
        low ^= BinaryPrimitives.ReverseEndianness(high);
        ulong productHigh = Math.BigMul(low, Prime64B, out ulong productLow);
        productHigh += high * Prime64B;
        return new UInt128(Avalanche(productHigh), Avalanche(productLow));
    }

    private static UInt128 Hash17To128(ReadOnlySpan<byte> input, ulong seed)
    {
        ulong low = (ulong)input.Length * Prime64A;
        ulong high = 0;
        if (input.Length > 32)
        {
            if (input.Length > 64)
            {
                if (input.Length > 96)
                {
                    Mix32(ref low, ref high, input[48..], input[^64..], Secret[96..], seed);
                }

                Mix32(ref low, ref high, input[32..], input[^48..], Secret[64..], seed);
            }

            Mix32(ref low, ref high, input[16..], input[^32..], Secret[32..], seed);
        }

        Mix32(ref low, ref high, input, input[^16..], Secret, seed);
        return Finish(low, high, input.Length, seed);
    }

    private static UInt128 Hash129To240(ReadOnlySpan<byte> input, ulong seed)
    {
        ulong low = (ulong)input.Length * Prime64A;
        ulong high = 0;
        for (int offset = 0; offset < 128; offset += 32)
        {
            Mix32(ref low, ref high, input[offset..], input[(offset + 16)..], Secret[offset..], seed);
        }

        low = Avalanche(low);
        high = Avalanche(high);
        for (int offset = 128; offset + 32 <= input.Length; offset += 32)
        {
            Mix32(ref low, ref high, input[offset..], input[(offset + 16)..], Secret[(offset - 125)..], seed);
        }

        Mix32(ref low, ref high, input[^16..], input[^32..], Secret[103..], 0 - seed);
        return Finish(low, high, input.Length, seed);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix32(
        ref ulong low, ref ulong high, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> secret, ulong seed)
    {
        low += Mix16(first, secret, seed);
        low ^= Read64(second, 0) + Read64(second, 8);
        high += Mix16(second, secret[16..], seed);
        high ^= Read64(first, 0) + Read64(first, 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix16(ReadOnlySpan<byte> input, ReadOnlySpan<byte> secret, ulong seed)
    {
        return Fold(Read64(input, 0) ^ (Read64(secret, 0) + seed), Read64(input, 8) ^ (Read64(secret, 8) - seed));
    }

    private static UInt128 Finish(ulong low, ulong high, int length, ulong seed)
    {
        ulong sum = low + high;
        ulong mixed = (low * Prime64A) + (high * Prime64D) + (((ulong)length - seed) * Prime64B);
        return new UInt128(0 - Avalanche(mixed), Avalanche(sum));
    }
}
