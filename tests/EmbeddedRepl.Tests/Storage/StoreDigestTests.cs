using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

public class StoreDigestTests
{
    private readonly StoreFixture _fixture = new();

    [Fact]
    public void Digest_SameEntriesInAnotherOrder_IsTheSame()
    {
        StoreFixture other = new();
        for (int i = 0; i < 1000; i++)
        {
            _fixture.Set($"key-{i}", BitConverter.GetBytes(i));
            other.Set($"key-{999 - i}", BitConverter.GetBytes(999 - i));
        }

        Assert.Equal(other.Digest, _fixture.Digest);
        Assert.NotEqual(default, _fixture.Digest);
    }

    [Fact]
    public void Digest_AnyDifferenceInTheData_IsAnother()
    {
        HashSet<StoreDigest> digests = [default];
        void Add(string key, byte[] value, EntryExpiration expiration = default)
        {
            _fixture.Clear();
            _fixture.Set(key, value, expiration);
            Assert.True(digests.Add(_fixture.Digest));
        }

        Add("a", [1]);
        Add("b", [1]);
        Add("a", [2]);
        Add("a", [1, 0]);
        Add("a", []);
        Add("", []);
        Add("a", [1], new EntryExpiration(1000, 0, 0));
        Add("a", [1], new EntryExpiration(1001, 0, 0));
        Add("a", [1], new EntryExpiration(1000, 5, 0));
        Add("a", [1], new EntryExpiration(1000, 5, 2000));
    }

    [Fact]
    public void Digest_BoundaryBetweenKeyAndValueMoved_IsAnother()
    {
        // Both pairs concatenate to the same bytes; a digest that only adds something per key length would not see it.
        _fixture.Set("ab", "c"u8);
        _fixture.Set("x", "yz"u8);
        StoreDigest digest = _fixture.Digest;
        _fixture.Clear();
        _fixture.Set("a", "bc"u8);
        _fixture.Set("xy", "z"u8);

        Assert.NotEqual(digest, _fixture.Digest);
    }

    [Fact]
    public void Digest_AnotherSeed_IsAnother()
    {
        StoreFixture other = new(seed: new StoreSeed(1, 2));
        _fixture.Set("key", [1]);
        other.Set("key", [1]);

        Assert.NotEqual(other.Digest, _fixture.Digest);
    }

    [Fact]
    public void Set_ReturnsTheShareOfTheEntry()
    {
        StoreDigest first = _fixture.Set("a", [1]);
        StoreDigest second = _fixture.Set("b", [2], new EntryExpiration(5, 0, 0));
        Assert.Equal(first + second, _fixture.Digest);

        StoreDigest overwritten = _fixture.Set("a", [3]);
        Assert.Equal(overwritten + second, _fixture.Digest);
        Assert.Equal(overwritten + second - second, overwritten);
    }

    [Fact]
    public void BinaryForm_RoundTrips()
    {
        StoreDigest digest = new(new UInt128(0x0123456789ABCDEF, 0xFEDCBA9876543210));
        byte[] bytes = new byte[StoreDigest.Size];
        digest.CopyTo(bytes);

        Assert.Equal(digest, new StoreDigest(bytes));
        Assert.Equal("0123456789abcdeffedcba9876543210", digest.ToString());
        Assert.Equal(digest.ToString(), Convert.ToHexStringLower(bytes));
    }

    [Fact]
    public void Seed_BinaryForm_RoundTrips_AndIsNeverPrinted()
    {
        StoreSeed seed = StoreSeed.NewSeed();
        byte[] bytes = new byte[StoreSeed.Size];
        seed.CopyTo(bytes);

        Assert.Equal(seed, new StoreSeed(bytes));
        Assert.NotEqual(seed, StoreSeed.NewSeed());
        Assert.Equal("(secret)", $"{seed}");
    }
}
