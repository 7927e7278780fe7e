using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EmbeddedRepl.Storage;

/// <summary>XXH3 for more than 240 bytes: eight accumulators over stripes of 64 bytes. Thread-safe.</summary>
internal static class XxHash3Long
{
    private const int StripeSize = 64;
    private const int SecretSize = 192;
    private const int SecretStep = 8;
    private const int StripesPerBlock = (SecretSize - StripeSize) / SecretStep;
    private const int BlockSize = StripeSize * StripesPerBlock;
    private const int Lanes = 8;

    /// <summary>The hash of <paramref name="input"/>, which has more than 240 bytes.</summary>
    public static UInt128 Hash(ReadOnlySpan<byte> input, ulong seed)
    {
        Span<byte> secret = stackalloc byte[SecretSize];
        DeriveSecret(secret, seed);

        Span<ulong> lanes =
        [
            XxHash3.Prime32C, XxHash3.Prime64A, XxHash3.Prime64B, XxHash3.Prime64C, XxHash3.Prime64D, XxHash3.Prime32B, XxHash3.Prime64E, XxHash3.Prime32A,
        ];

        ReadOnlySpan<byte> rest = input;
        while (rest.Length > BlockSize)
        {
            Accumulate(lanes, rest, secret, StripesPerBlock);
            Scramble(lanes, secret[^StripeSize..]);
            rest = rest[BlockSize..];
        }

        Accumulate(lanes, rest, secret, (rest.Length - 1) / StripeSize);

        // The last stripe overlaps the one before it unless the input ends on a stripe's end.
        Accumulate(lanes, input[^StripeSize..], secret[(SecretSize - StripeSize - 7)..], 1);

        ulong length = (ulong)input.Length;
        ulong low = Merge(lanes, secret[11..], length * XxHash3.Prime64A);
        ulong high = Merge(lanes, secret[(SecretSize - StripeSize - 11)..], ~(length * XxHash3.Prime64B));
        return new UInt128(high, low);
    }

    private static void DeriveSecret(Span<byte> secret, ulong seed)
    {
        for (int offset = 0; offset < SecretSize; offset += 2 * sizeof(ulong))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(secret[offset..], XxHash3.Read64(XxHash3.Secret, offset) + seed);
            BinaryPrimitives.WriteUInt64LittleEndian(secret[(offset + 8)..], XxHash3.Read64(XxHash3.Secret, offset + 8) - seed);
        }
    }

    private static void Accumulate(Span<ulong> lanes, ReadOnlySpan<byte> input, ReadOnlySpan<byte> secret, int stripes)
    {
        if (Avx2.IsSupported)
        {
            AccumulateAvx2(lanes, input, secret, stripes);
            return;
        }

        for (int stripe = 0; stripe < stripes; stripe++)
        {
            ReadOnlySpan<byte> data = input.Slice(stripe * StripeSize, StripeSize);
            ReadOnlySpan<byte> key = secret.Slice(stripe * SecretStep, StripeSize);
            for (int lane = 0; lane < Lanes; lane++)
            {
                ulong value = XxHash3.Read64(data, lane * sizeof(ulong));
                ulong keyed = value ^ XxHash3.Read64(key, lane * sizeof(ulong));
                lanes[lane ^ 1] += value;
                lanes[lane] += (uint)keyed * (keyed >> 32);
            }
        }
    }

    private static void AccumulateAvx2(Span<ulong> lanes, ReadOnlySpan<byte> input, ReadOnlySpan<byte> secret, int stripes)
    {
        Vector256<ulong> left = Vector256.Create<ulong>(lanes);
        Vector256<ulong> right = Vector256.Create<ulong>(lanes[4..]);
        for (int stripe = 0; stripe < stripes; stripe++)
        {
            ReadOnlySpan<byte> data = input.Slice(stripe * StripeSize, StripeSize);
            ReadOnlySpan<byte> key = secret.Slice(stripe * SecretStep, StripeSize);
            left += Mix(Vector256.Create(data), Vector256.Create(key));
            right += Mix(Vector256.Create(data[32..]), Vector256.Create(key[32..]));
        }

        left.CopyTo(lanes);
        right.CopyTo(lanes[4..]);
    }

    // What one stripe adds to four lanes: the product of the halves of the keyed data, and the data of the neighbouring lane.
    private static Vector256<ulong> Mix(Vector256<byte> data, Vector256<byte> key)
    {
        Vector256<uint> keyed = (data ^ key).AsUInt32();
        Vector256<ulong> product = Avx2.Multiply(keyed, (keyed.AsUInt64() >>> 32).AsUInt32());
        return product + Avx2.Shuffle(data.AsUInt32(), 0b01_00_11_10).AsUInt64();
    }

    private static void Scramble(Span<ulong> lanes, ReadOnlySpan<byte> secret)
    {
        for (int lane = 0; lane < Lanes; lane++)
        {
            ulong value = lanes[lane];
            value ^= value >> 47;
            value ^= XxHash3.Read64(secret, lane * sizeof(ulong));
            lanes[lane] = value * XxHash3.Prime32A;
        }
    }

    private static ulong Merge(ReadOnlySpan<ulong> lanes, ReadOnlySpan<byte> secret, ulong start)
    {
        for (int pair = 0; pair < Lanes / 2; pair++)
        {
            ulong first = lanes[2 * pair] ^ XxHash3.Read64(secret, 16 * pair);
            ulong second = lanes[(2 * pair) + 1] ^ XxHash3.Read64(secret, (16 * pair) + 8);
            start += XxHash3.Fold(first, second);
        }

        return XxHash3.Avalanche(start);
    }
}
