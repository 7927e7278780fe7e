using System.Buffers;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

/// <summary>Random operations against the store and against a dictionary.</summary>
public class CacheStoreModelTests
{
    [Theory]
    [Trait("Behaviour", "A9")]
    [InlineData(1, 40_000, 3_000)]
    [InlineData(2, 40_000, 30_000)]
    [InlineData(3, 15_000, 200)]
    public void RandomOperations_AgainstADictionary_AgreeAtEveryStep(int seed, int operations, int keys)
    {
        Random random = new(seed);
        StoreFixture fixture = new();
        Dictionary<string, byte[]> model = [];
        string[] names = [.. Enumerable.Range(0, keys).Select(i => RandomText.Next(random, random.Next(1, 20)) + i)];
        names[0] = "";
        names[1] = new string('k', 60_000);
        names[2] = "\ud800";

        for (int i = 0; i < operations; i++)
        {
            string key = names[random.Next(names.Length)];
            switch (random.Next(100))
            {
                case < 60:
                    byte[] value = NextValue(random);
                    fixture.Set(key, value);
                    model[key] = value;
                    break;
                case < 85:
                    Assert.Equal(model.Remove(key), fixture.Remove(key));
                    break;
                case < 99:
                    Assert.Equal(model.GetValueOrDefault(key), fixture.Get(key));
                    break;
                default:
                    if (random.Next(200) == 0)
                    {
                        fixture.Clear();
                        model.Clear();
                    }

                    break;
            }

            Assert.Equal(model.Count, fixture.Store.Count);
        }

        AssertEqual(names, model, fixture);
    }

    [Fact]
    public void Growth_ManyEntries_LosesNone()
    {
        const int Count = 300_000;
        StoreFixture fixture = new();
        for (int i = 0; i < Count; i++)
        {
            fixture.Set($"key-{i}", BitConverter.GetBytes(i));
        }

        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(BitConverter.GetBytes(i), fixture.Get($"key-{i}"));
        }

        Assert.Null(fixture.Get("key--1"));
        fixture.AssertConsistent();
        for (int i = 0; i < Count; i++)
        {
            Assert.True(fixture.Remove($"key-{i}"));
        }

        fixture.AssertConsistent();
        Assert.Equal(default, fixture.Digest);
        Assert.True(fixture.Store.IsEmpty);
    }

    private static byte[] NextValue(Random random)
    {
        int length = random.Next(1000) switch
        {
            < 20 => 0,
            < 40 => 1,
            < 900 => random.Next(300),
            < 985 => random.Next(10_000),
            < 999 => random.Next(200_000),
            _ => random.Next(3 << 20),
        };

        byte[] value = new byte[length];
        random.NextBytes(value);
        return value;
    }

    private static void AssertEqual(string[] names, Dictionary<string, byte[]> model, StoreFixture fixture)
    {
        fixture.AssertConsistent();
        ArrayBufferWriter<byte> writer = new();
        foreach (string key in names)
        {
            byte[]? expected = model.GetValueOrDefault(key);
            Assert.Equal(expected, fixture.Get(key));

            writer.ResetWrittenCount();
            ReadOutcome outcome = fixture.Store.TryGet(key, writer);
            Assert.Equal(expected is null ? ReadOutcome.Miss : ReadOutcome.Hit, outcome);
            Assert.True(writer.WrittenSpan.SequenceEqual(expected ?? []));
        }

        // A second store, filled in another order, has the same digest.
        StoreFixture other = new();
        foreach ((string key, byte[] value) in model.Reverse())
        {
            other.Set(key, value);
        }

        Assert.Equal(fixture.Digest, other.Digest);
    }
}
