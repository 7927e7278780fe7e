using System.Globalization;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

public class SipHashTests
{
    [Fact]
    public void Hash_ManyLengthsAndKeys_EqualsTheReferenceImplementation()
    {
        int count = 0;
        foreach (string[] vector in VectorFile.Read("siphash13-vectors.txt"))
        {
            StoreSeed seed = new(Convert.FromHexString(vector[0]));
            byte[] input = [.. Enumerable.Range(0, int.Parse(vector[1], CultureInfo.InvariantCulture)).Select(i => (byte)i)];

            Assert.Equal(vector[2], SipHash.Hash(input, seed).ToString("x16", CultureInfo.InvariantCulture));
            count++;
        }

        Assert.Equal(51, count);
    }

    [Fact]
    public void Hash_AnotherSeed_AnotherHash()
    {
        Assert.NotEqual(SipHash.Hash("key"u8, new StoreSeed(1, 2)), SipHash.Hash("key"u8, new StoreSeed(1, 3)));
        Assert.NotEqual(SipHash.Hash("key"u8, new StoreSeed(1, 2)), SipHash.Hash("key"u8, new StoreSeed(2, 2)));
    }
}
