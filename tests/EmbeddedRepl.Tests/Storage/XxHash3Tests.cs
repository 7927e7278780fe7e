using System.Globalization;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

public class XxHash3Tests
{
    [Fact]
    public void Hash_EveryLengthClassAndSeed_EqualsTheReferenceImplementation()
    {
        int count = 0;
        foreach (string[] vector in VectorFile.Read("xxh3-128-vectors.txt"))
        {
            byte[] input = Sequence(int.Parse(vector[0], CultureInfo.InvariantCulture));
            ulong seed = ulong.Parse(vector[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);

            string hash = XxHash3.Hash(input, seed).ToString("x32", CultureInfo.InvariantCulture);

            Assert.True(vector[2] == hash, $"length {vector[0]}, seed {vector[1]}: expected {vector[2]}, got {hash}");
            count++;
        }

        Assert.True(count > 600);
    }

    private static byte[] Sequence(int length)
    {
        byte[] bytes = new byte[length];
        uint x = 0x9E3779B1;
        for (int i = 0; i < length; i++)
        {
            x = unchecked((x * 1664525) + 1013904223);
            bytes[i] = (byte)(x >> 24);
        }

        return bytes;
    }
}
