using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

public class ExpirationTests
{
    private static readonly byte[] Value = [1, 2, 3];

    private readonly StoreFixture _fixture = new();

    private long Now => _fixture.Clock.Now;

    [Fact]
    public void Get_EntryWithoutDeadline_ReadsNoClock()
    {
        _fixture.Set("key", Value);
        Assert.NotNull(_fixture.Get("key"));
        _fixture.Store.Touch("key");
        _fixture.Store.TryGet("key", new byte[10], out _);
        Assert.Null(_fixture.Get("no key"));

        Assert.Equal(0, _fixture.Clock.Reads);
    }

    [Fact]
    public void Get_AbsoluteDeadline_HitsUntilOneMillisecondBefore()
    {
        _fixture.Set("key", Value, new EntryExpiration(Now + 1000, 0, 0));

        _fixture.Clock.Now += 999;
        Assert.NotNull(_fixture.Get("key"));
        _fixture.Clock.Now += 1;
        Assert.Null(_fixture.Get("key"));
    }

    [Fact]
    [Trait("Behaviour", "E2")]
    public void Get_Expired_MissesAndEntryIsStillCounted()
    {
        _fixture.Set("key", Value, new EntryExpiration(Now + 1000, 0, 0));
        StoreDigest digest = _fixture.Digest;
        _fixture.Clock.Now += 1000;

        Assert.Null(_fixture.Get("key"));
        Assert.Equal(ReadOutcome.Miss, _fixture.Store.Touch("key"));
        Assert.Equal(ReadOutcome.Miss, _fixture.Store.TryGet("key", new byte[10], out int written));
        Assert.Equal(0, written);
        Assert.Equal(1, _fixture.Store.Count);
        Assert.Equal(digest, _fixture.Digest);
    }

    [Fact]
    [Trait("Behaviour", "E3")]
    public void Set_AlreadyExpired_IsStoredAndHidden()
    {
        _fixture.Set("key", Value, new EntryExpiration(Now - 1, 0, 0));

        Assert.Null(_fixture.Get("key"));
        Assert.Equal(1, _fixture.Store.Count);
        Assert.Equal(["key"], _fixture.CollectExpired());
    }

    [Fact]
    [Trait("Behaviour", "E5")]
    public void Set_OverwriteWithOtherExpiration_NothingOfTheOldRemains()
    {
        _fixture.Set("key", Value, new EntryExpiration(Now + 1000, 1000, 0));
        _fixture.Clock.Now += 500;
        Assert.NotNull(_fixture.Get("key"));
        _fixture.Set("key", Value, new EntryExpiration(Now + 10, 0, 0));
        _fixture.Clock.Now += 10;
        Assert.Null(_fixture.Get("key"));

        _fixture.Set("key", Value);
        _fixture.Clock.Now += 1_000_000_000;
        Assert.NotNull(_fixture.Get("key"));
        StoreFixture other = new();
        other.Set("key", Value);
        Assert.Equal(other.Digest, _fixture.Digest);
    }

    [Fact]
    public void CollectExpired_ManyEntries_FindsExactlyTheExpiredOnes()
    {
        const int Count = 20_000;
        Random random = new(1);
        HashSet<string> expected = [];
        for (int i = 0; i < Count; i++)
        {
            int kind = random.Next(3);
            long deadline = Now + random.Next(1, 2000);
            _fixture.Set($"key-{i}", Value, kind == 0 ? EntryExpiration.None : new EntryExpiration(deadline, 0, 0));
            if (kind != 0 && deadline <= Now + 1000)
            {
                expected.Add($"key-{i}");
            }
        }

        _fixture.Clock.Now += 1000;
        List<string> found = _fixture.CollectExpired();
        Assert.Equal(expected.Count, found.Count);
        Assert.True(expected.SetEquals(found));

        // They are found again until somebody removes them.
        Assert.True(expected.SetEquals(_fixture.CollectExpired()));
        found.ForEach(key => Assert.True(_fixture.Remove(key)));
        Assert.Empty(_fixture.CollectExpired());
        _fixture.AssertConsistent();
    }

    [Fact]
    public void CollectExpired_InSmallSteps_GetsRoundAndStaysWithinTheBound()
    {
        const int Count = 20_000;
        for (int i = 0; i < Count; i++)
        {
            _fixture.Set($"key-{i}", Value, new EntryExpiration(Now + 1, 0, 0));
        }

        _fixture.Clock.Now += 1;
        HashSet<string> found = [];
        for (int calls = 0; found.Count < Count; calls++)
        {
            List<string> some = _fixture.CollectExpired(maxEntriesExamined: 10);
            Assert.InRange(some.Count, 1, 10 + IndexBlockPool.BlockSlots);
            found.UnionWith(some);
            Assert.True(calls < Count / 10);
        }
    }

    [Fact]
    public void CollectExpired_DuringGrowthAndAfterClear_MissesNothing()
    {
        for (int round = 0; round < 5; round++)
        {
            for (int i = 0; i < 5_000; i++)
            {
                _fixture.Set($"key-{round}-{i}", Value, new EntryExpiration(Now + 1, 0, 0));
                if (i % 500 == 0)
                {
                    _fixture.CollectExpired(maxEntriesExamined: 1);
                }
            }

            _fixture.Clock.Now += 1;
            HashSet<string> found = [];
            for (int calls = 0; calls < 1000 && found.Count < _fixture.Store.Count; calls++)
            {
                found.UnionWith(_fixture.CollectExpired(maxEntriesExamined: 1));
            }

            Assert.Equal(_fixture.Store.Count, found.Count);
            if (round == 2)
            {
                _fixture.Clear();
            }
        }
    }

    [Theory]
    [InlineData(-1, 0, 0)]
    [InlineData(0, 5, 0)]
    [InlineData(5, 0, 9)]
    [InlineData(5, -1, 0)]
    [InlineData(EntryExpiration.MaxDeadline + 1, 0, 0)]
    public void Set_ImpossibleExpiration_ThrowsAndChangesNothing(long deadline, long window, long cap)
    {
        _fixture.Set("key", Value);
        StoreDigest digest = _fixture.Digest;

        Assert.ThrowsAny<ArgumentException>(() => _fixture.Set("key", [9], new EntryExpiration(deadline, window, cap)));

        Assert.Equal(Value, _fixture.Get("key"));
        Assert.Equal(digest, _fixture.Digest);
    }
}
