using System.Buffers.Binary;

namespace EmbeddedRepl.Fuzz.Generation;

/// <summary>Damages bytes, from single bits to what a MessagePack reader has to fear: lengths and counts that lie, deep nesting, extreme numbers, types that do not belong.</summary>
internal static class Mutator
{
    // The codes of MessagePack that announce something: nil, booleans, bin, ext, float, uint, int, fixext, str, array, map; and the short forms.
    private static readonly byte[] Codes =
    [
        0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf, 0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda, 0xdb,
        0xdc, 0xdd, 0xde, 0xdf, 0x80, 0x8f, 0x90, 0x91, 0x9f, 0xa0, 0xa1, 0xbf, 0xe0, 0xff, 0x00, 0x7f,
    ];

    /// <summary>Makes one to four changes at or behind a position.</summary>
    public static void Mutate(InputBuffer input, int from, FuzzRandom random)
    {
        for (int i = random.Next(1, 5); i > 0; i--)
        {
            if (input.Length <= from)
            {
                input.Add((byte)random.Next(256));
                continue;
            }

            Change(input, random.Next(from, input.Length), random);
            if (random.OneIn(2))
            {
                return;
            }
        }
    }

    private static void Change(InputBuffer input, int at, FuzzRandom random)
    {
        Span<byte> bytes = input.Span;
        switch (random.Next(12))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes[at] = Codes[random.Next(Codes.Length)];
                break;
            case 3:
                input.Truncate(at);
                break;
            case 4:
                input.Insert(at, random.OneIn(2) ? [(byte)random.Next(256)] : [Codes[random.Next(Codes.Length)]]);
                break;
            case 5:
                input.Remove(at, Math.Min(random.Next(1, 9), input.Length - at));
                break;
            case 6:
                Extreme(input, at, random);
                break;
            case 7:
                Lie(input, at, random);
                break;
            case 8:
                Nest(input, at, random);
                break;
            case 9:
                // A piece of the same input once more, or in another place.
                int length = random.Next(1, Math.Min(64, input.Length - at) + 1);
                input.Insert(random.Next(at, input.Length), bytes.Slice(at, length));
                break;
            case 10:
                bytes[at] = (byte)(bytes[at] + (random.OneIn(2) ? 1 : -1));
                break;
            default:
                random.Fill(bytes.Slice(at, Math.Min(random.Next(1, 9), bytes.Length - at)));
                break;
        }
    }

    /// <summary>The largest or the smallest number where a value may begin.</summary>
    private static void Extreme(InputBuffer input, int at, FuzzRandom random)
    {
        Span<byte> number = stackalloc byte[9];
        number[0] = random.OneIn(2) ? (byte)0xcf : (byte)0xd3;
        BinaryPrimitives.WriteUInt64BigEndian(number[1..], random.Next(4) switch
        {
            0 => ulong.MaxValue,
            1 => long.MaxValue,
            2 => 1UL << 63,
            _ => (ulong)random.NonNegative(),
        });
        if (random.OneIn(2))
        {
            input.Remove(at, 1);
        }

        input.Insert(at, number);
    }

    /// <summary>A header of something that is much longer than what follows.</summary>
    private static void Lie(InputBuffer input, int at, FuzzRandom random)
    {
        Span<byte> header = stackalloc byte[5];
        header[0] = random.Next(4) switch { 0 => 0xc6, 1 => 0xdb, 2 => 0xdd, _ => 0xdf };
        BinaryPrimitives.WriteUInt32BigEndian(header[1..], random.Next(3) switch { 0 => uint.MaxValue, 1 => int.MaxValue, _ => (uint)random.Next(1 << 24) });
        input.Insert(at, header);
    }

    private static void Nest(InputBuffer input, int at, FuzzRandom random)
    {
        Span<byte> headers = stackalloc byte[random.OneIn(20) ? 512 : random.Next(1, 24)];
        headers.Fill(random.Next(3) switch { 0 => 0x91, 1 => 0x81, _ => 0x92 });
        input.Insert(at, headers);
    }
}
