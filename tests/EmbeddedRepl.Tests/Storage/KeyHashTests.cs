using System.Runtime.Intrinsics;
using System.Text;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

public class KeyHashTests
{
    private const string Text = "The quick brown fox jumps over the lazy dog, and then it does so again and again, until it is tired of all that jumping.";
    private static readonly StoreSeed Seed = new(0x0123456789ABCDEF, 0xFEDCBA9876543210);

    public static TheoryData<bool> Kinds() => [true, false];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Hash_PrefixesOfEveryLength_AllDiffer(bool usesAes)
    {
        KeyHash hash = new(Seed, usesAes);
        byte[] bytes = Encoding.ASCII.GetBytes(Text);

        HashSet<ulong> seen = [.. Enumerable.Range(0, bytes.Length + 1).Select(length => hash.Hash(bytes.AsSpan(0, length)))];

        Assert.Equal(bytes.Length + 1, seen.Count);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Hash_KeysOfOneRepeatedByte_AllDiffer(bool usesAes)
    {
        // The last bytes are read together with those before them: keys that repeat themselves look alike but for their length.
        KeyHash hash = new(Seed, usesAes);

        HashSet<ulong> seen = [.. Enumerable.Range(0, 200).Select(length => hash.Hash(new byte[length]))];

        Assert.Equal(200, seen.Count);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Hash_AnyBitOfAKeyFlipped_ChangesAboutHalfOfTheBitsThatTheIndexUses(bool usesAes)
    {
        KeyHash hash = new(Seed, usesAes);
        foreach (int length in new[] { 1, 3, 4, 7, 8, 15, 16, 17, 24, 32, 33, 48, 49, 64, 65, 100 })
        {
            byte[] bytes = Encoding.ASCII.GetBytes(Text[..length]);
            ulong original = hash.Hash(bytes);
            int changed = 0;
            for (int bit = 0; bit < length * 8; bit++)
            {
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                uint difference = (uint)((hash.Hash(bytes) ^ original) >> 32);
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));

                Assert.NotEqual(0u, difference);
                changed += System.Numerics.BitOperations.PopCount(difference);
            }

            double share = changed / (length * 8 * 32.0);
            Assert.True(share is > 0.38 and < 0.62, $"length {length}: {share:0.00} of the bits change");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Hash_AnotherSeed_AnotherHash(bool usesAes)
    {
        ulong hash = new KeyHash(Seed, usesAes).Hash("key"u8);

        Assert.NotEqual(hash, new KeyHash(Seed with { Low = 1 }, usesAes).Hash("key"u8));
        Assert.NotEqual(hash, new KeyHash(Seed with { High = 1 }, usesAes).Hash("key"u8));
    }

    [Fact]
    public void Hash_WithoutTheInstructions_IsSipHash() => Assert.Equal(SipHash.Hash("key"u8, Seed), new KeyHash(Seed, usesAes: false).Hash("key"u8));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TryNarrow_EveryLengthOfAscii_HashesAndComparesLikeItsBytes(bool usesAes)
    {
        KeyHash hash = new(Seed, usesAes);
        for (int length = 0; length <= 40; length++)
        {
            string key = Text[..length];
            bool expected = usesAes && KeyHash.IsAccelerated && length is >= 8 and <= KeyHash.MaxShortKey;

            Assert.Equal(expected, hash.TryNarrow(key, out Vector128<byte> head, out Vector128<byte> tail));
            if (!expected)
            {
                continue;
            }

            byte[] bytes = Encoding.ASCII.GetBytes(key + "value");
            Assert.Equal(hash.Hash(bytes.AsSpan(0, length)), hash.HashNarrowed(head, tail, length));
            Assert.True(KeyHash.IsNarrowed(bytes, head, tail, length));
            for (int i = 0; i < length; i++)
            {
                bytes[i]++;
                Assert.False(KeyHash.IsNarrowed(bytes, head, tail, length));
                bytes[i]--;
            }
        }
    }

    [Fact]
    public void TryNarrow_OneOtherCharacterAnywhere_LeavesItToTheCodec()
    {
        KeyHash hash = new(Seed);
        for (int length = 8; length <= KeyHash.MaxShortKey; length++)
        {
            for (int position = 0; position < length; position++)
            {
                foreach (char other in "\u0080\u00E9\uFFFF\uD800")
                {
                    char[] key = Text[..length].ToCharArray();
                    key[position] = other;

                    Assert.False(hash.TryNarrow(key, out _, out _));
                }
            }
        }
    }

    [Fact]
    public void Hash_ManyLengths_EqualsAnIndependentImplementation()
    {
        if (!KeyHash.IsAccelerated)
        {
            return;
        }

        KeyHash hash = new(Seed);
        int count = 0;
        foreach (string[] vector in VectorFile.Read("keyhash-vectors.txt"))
        {
            byte[] input = Convert.FromHexString(vector[0] == "-" ? "" : vector[0]);

            Assert.Equal(vector[1], hash.Hash(input).ToString("x16", System.Globalization.CultureInfo.InvariantCulture));
            count++;
        }

        Assert.Equal(67, count);
    }
}
