using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Tests.Protocol;

public sealed class Crc32CTests
{
    public static TheoryData<string, uint> KnownChecksums => new()
    {
        // RFC 3720, appendix B.4, and the check value of the catalogue of parametrised CRC algorithms.
        { new string('0', 64), 0x8a9136aa },
        { new string('f', 64), 0x62a8ab43 },
        { "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 0x46dd794e },
        { "1f1e1d1c1b1a191817161514131211100f0e0d0c0b0a09080706050403020100", 0x113fdb5c },
        { Convert.ToHexString("123456789"u8), 0xe3069283 },
        { string.Empty, 0 },
    };

    [Theory]
    [MemberData(nameof(KnownChecksums))]
    public void Checksum_KnownInput_IsThePublishedOne(string hex, uint expected)
    {
        Assert.Equal(expected, Crc32C.Append(Crc32C.Initial, Convert.FromHexString(hex)));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(40_000)]
    public void Checksum_OfPieces_IsThatOfTheWhole(int size)
    {
        byte[] bytes = new byte[size];
        new Random(1).NextBytes(bytes);
        uint expected = BitByBit(bytes);

        Assert.Equal(expected, Crc32C.Append(Crc32C.Initial, bytes));
        for (int at = 0; at <= size; at += 1 + (size / 100))
        {
            Assert.Equal(expected, Crc32C.Append(Crc32C.Append(Crc32C.Initial, bytes.AsSpan(0, at)), bytes.AsSpan(at)));
            Assert.Equal(expected, Crc32C.Append(Crc32C.Initial, Sequences.Cut(bytes, at)));
        }
    }

    [Fact]
    public void Checksum_EveryLengthUpToALargeOne_IsThatOfTheDefinition()
    {
        byte[] bytes = new byte[2000];
        new Random(2).NextBytes(bytes);
        for (int length = 0; length <= bytes.Length; length++)
        {
            Assert.Equal(BitByBit(bytes.AsSpan(0, length)), Crc32C.Append(Crc32C.Initial, bytes.AsSpan(0, length)));
        }
    }

    private static uint BitByBit(ReadOnlySpan<byte> bytes)
    {
        const uint ReversedPolynomial = 0x82f63b78;
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ ReversedPolynomial : crc >> 1;
            }
        }

        return ~crc;
    }
}
