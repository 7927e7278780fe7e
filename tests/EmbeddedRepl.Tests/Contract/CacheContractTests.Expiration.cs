using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Tests.Contract;

/// <content>Expiration; the clock is the one that is registered, and stands still.</content>
public abstract partial class CacheContractTests
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Entry_WithoutExpiration_NeverExpires()
    {
        Cache.Set("key", Value, NoExpiration);

        Clock.Advance(TimeSpan.FromDays(3650));

        Assert.Equal(Value, Cache.Get("key"));
    }

    [Fact]
    public void Entry_WithRelativeExpiration_ExpiresToTheMillisecond()
    {
        Cache.Set("key", Value, Relative(TimeSpan.FromMilliseconds(1500)));

        Clock.Advance(TimeSpan.FromMilliseconds(1499));
        Assert.Equal(Value, Cache.Get("key"));
        Clock.Advance(Millisecond);
        Assert.Null(Cache.Get("key"));
    }

    [Fact]
    public void Entry_WithAbsoluteExpiration_ExpiresToTheMillisecond()
    {
        // In another time zone, so that the instant has to be taken and not the hour.
        DateTimeOffset when = (Clock.Now + Second).ToOffset(TimeSpan.FromHours(9));
        Cache.Set("key", Value, new DistributedCacheEntryOptions { AbsoluteExpiration = when });

        Clock.Advance(Second - Millisecond);
        Assert.Equal(Value, Cache.Get("key"));
        Clock.Advance(Millisecond);
        Assert.Null(Cache.Get("key"));
    }

    [Fact]
    public void Entry_WithAbsoluteAndRelativeExpiration_TakesTheRelativeOne()
    {
        Cache.Set("shorter", Value, new() { AbsoluteExpiration = Clock.Now + (10 * Second), AbsoluteExpirationRelativeToNow = Second });
        Cache.Set("longer", Value, new() { AbsoluteExpiration = Clock.Now + Second, AbsoluteExpirationRelativeToNow = 10 * Second });

        Clock.Advance(2 * Second);

        Assert.Null(Cache.Get("shorter"));
        Assert.Equal(Value, Cache.Get("longer"));
    }

    [Fact]
    public void Entry_WithSlidingExpiration_ExpiresWhenItIsNotRead()
    {
        Cache.Set("key", Value, Sliding(Second));

        Clock.Advance(Second - Millisecond);
        Assert.Equal(Value, Cache.Get("key"));
        Clock.Advance(Second);
        Assert.Null(Cache.Get("key"));
    }

    [Theory]
    [InlineData("Get")]
    [InlineData("TryGet into a span")]
    [InlineData("TryGet into a writer")]
    [InlineData("Refresh")]
    public void Entry_WithSlidingExpiration_LivesAsLongAsItIsUsed(string use)
    {
        Cache.Set("key", Value, Sliding(Second));

        for (int i = 0; i < 10; i++)
        {
            Clock.Advance(Second - Millisecond);
            Use(use);
        }

        Assert.Equal(Value, Cache.Get("key"));
    }

    [Fact]
    public void Entry_WithSlidingAndAbsoluteExpiration_IsCappedByTheAbsoluteOne()
    {
        Cache.Set("key", Value, new() { SlidingExpiration = Second, AbsoluteExpirationRelativeToNow = 3 * Second });

        for (int i = 0; i < 3; i++)
        {
            Clock.Advance(Second - Millisecond);
            Assert.Equal(Value, Cache.Get("key"));
        }

        Clock.Advance(3 * Millisecond);
        Assert.Null(Cache.Get("key"));
    }

    [Fact]
    public void Refresh_EntryWithoutSlidingExpiration_HasNoEffect()
    {
        Cache.Set("key", Value, Relative(Second));

        Clock.Advance(Second - Millisecond);
        Cache.Refresh("key");
        Clock.Advance(Millisecond);

        Assert.Null(Cache.Get("key"));
    }

    [Fact]
    [Trait("Behaviour", "E4")]
    public void Set_AbsoluteExpirationInThePast_ThrowsAndLeavesTheEntryAsItWas()
    {
        Cache.Set("key", Value, NoExpiration);
        DateTimeOffset past = Clock.Now - Second;

        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(
            () => Cache.Set("key", [9], new() { AbsoluteExpiration = past }));

        Assert.Equal("AbsoluteExpiration", error.ParamName);
        Assert.Equal(past, error.ActualValue);
        Assert.Contains("must be in the future", error.Message, StringComparison.Ordinal);
        Assert.Equal(Value, Cache.Get("key"));
    }

    [Fact]
    [Trait("Behaviour", "E4")]
    public void Set_AbsoluteExpirationOfThisInstant_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Cache.Set("key", Value, new() { AbsoluteExpiration = Clock.Now }));
        Assert.Null(Cache.Get("key"));
    }

    [Fact]
    [Trait("Behaviour", "E4")]
    public void Set_AbsoluteExpirationInThePastWithARelativeOne_StillThrows()
    {
        DistributedCacheEntryOptions options = new() { AbsoluteExpiration = Clock.Now - Second, AbsoluteExpirationRelativeToNow = Second };

        Assert.Throws<ArgumentOutOfRangeException>(() => Cache.Set("key", Value, options));
    }

    [Fact]
    [Trait("Behaviour", "E4")]
    public async Task SetAsyncAndSetMany_AbsoluteExpirationInThePast_ThrowAndWriteNothing()
    {
        DistributedCacheEntryOptions options = new() { AbsoluteExpiration = Clock.Now - Second };

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Cache.SetAsync("key", Value, options));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Cache.SetAsync("key", Segments(Value), options).AsTask());
        Assert.Throws<ArgumentOutOfRangeException>(() => Cache.SetMany([new("key", Value)], options));
        Assert.Null(Cache.Get("key"));
    }

    [Fact]
    [Trait("Behaviour", "E5")]
    public void Overwrite_WithoutExpiration_NeverExpires()
    {
        Cache.Set("relative", Value, Relative(Second));
        Cache.Set("sliding", Value, Sliding(Second));

        Cache.Set("relative", [9], NoExpiration);
        Cache.Set("sliding", [9], NoExpiration);
        Clock.Advance(TimeSpan.FromDays(1));

        Assert.Equal([9], Cache.Get("relative"));
        Assert.Equal([9], Cache.Get("sliding"));
    }

    [Fact]
    [Trait("Behaviour", "E5")]
    public void Overwrite_WithShorterExpiration_TakesTheShorterOne()
    {
        Cache.Set("key", Value, Relative(100 * Second));
        Cache.Set("was endless", Value, NoExpiration);

        Cache.Set("key", [9], Relative(Second));
        Cache.Set("was endless", [9], Relative(Second));
        Clock.Advance(Second);

        Assert.Null(Cache.Get("key"));
        Assert.Null(Cache.Get("was endless"));
    }

    [Fact]
    [Trait("Behaviour", "E5")]
    public void Overwrite_SlidingByRelative_NoLongerSlides()
    {
        Cache.Set("key", Value, Sliding(10 * Second));
        Clock.Advance(Second);
        Assert.NotNull(Cache.Get("key"));

        Cache.Set("key", [9], Relative(2 * Second));
        Clock.Advance(Second);
        Assert.Equal([9], Cache.Get("key"));
        Clock.Advance(Second);

        Assert.Null(Cache.Get("key"));
    }

    [Fact]
    [Trait("Behaviour", "E5")]
    public void Overwrite_CappedSlidingBySliding_LosesTheCap()
    {
        Cache.Set("key", Value, new() { SlidingExpiration = Second, AbsoluteExpirationRelativeToNow = 2 * Second });

        Cache.Set("key", [9], Sliding(Second));
        for (int i = 0; i < 5; i++)
        {
            Clock.Advance(Second - Millisecond);
            Assert.Equal([9], Cache.Get("key"));
        }
    }

    [Fact]
    public void Set_AfterExpiry_Revives()
    {
        Cache.Set("key", Value, Relative(Second));
        Clock.Advance(Second);

        Cache.Set("key", [9], Relative(Second));

        Assert.Equal([9], Cache.Get("key"));
    }

    [Fact]
    public void SetMany_WithExpiration_ExpiresAllOfThem()
    {
        Cache.SetMany([new("a", Value), new("b", Value)], Relative(Second));

        Clock.Advance(Second - Millisecond);
        Assert.NotNull(Cache.Get("a"));
        Clock.Advance(Millisecond);

        Assert.Null(Cache.Get("a"));
        Assert.Null(Cache.Get("b"));
    }

    [Fact]
    public void Expiration_AtTheEndsOfTheCalendar_IsAccepted()
    {
        Cache.Set("absolute", Value, new() { AbsoluteExpiration = DateTimeOffset.MaxValue });
        Cache.Set("relative", Value, Relative(TimeSpan.MaxValue));
        Cache.Set("sliding", Value, Sliding(TimeSpan.MaxValue));
        Cache.Set("both", Value, new() { AbsoluteExpirationRelativeToNow = TimeSpan.MaxValue, SlidingExpiration = TimeSpan.MaxValue });

        Clock.Advance(TimeSpan.FromDays(3650));

        Assert.All(new[] { "absolute", "relative", "sliding", "both" }, key => Assert.Equal(Value, Cache.Get(key)));
    }

    [Fact]
    public void Expiration_BelowAMillisecond_IsNotInThePast()
    {
        Cache.Set("relative", Value, Relative(TimeSpan.FromTicks(1)));
        Cache.Set("sliding", Value, Sliding(TimeSpan.FromTicks(1)));

        Assert.Equal(Value, Cache.Get("relative"));
        Assert.Equal(Value, Cache.Get("sliding"));
    }

    private void Use(string use)
    {
        switch (use)
        {
            case "Get":
                Assert.NotNull(Cache.Get("key"));
                break;
            case "TryGet into a span":
                Assert.True(Cache.TryGet("key", new byte[100], out _));
                break;
            case "TryGet into a writer":
                Assert.True(Cache.TryGet("key", new System.Buffers.ArrayBufferWriter<byte>()));
                break;
            default:
                Cache.Refresh("key");
                break;
        }
    }
}
