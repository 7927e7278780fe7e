using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

/// <summary>The uses of an entry stand in its slot, and readers count them beside a writer who replaces whole slots.</summary>
public class SlotUsesTests
{
    private const string ShortKey = "counted-key";

    // Neither ASCII nor short, so that it is read the long way.
    private static readonly string LongKey = new('ä', 40);

    private readonly StoreFixture _fixture = new(new StoreOptions { MaxBytes = 64 << 20 });

    public enum Change
    {
        Overwrite,
        Remove,
        RemoveLeavingTombstone,
        RemoveAndInsertAnother,
        CountByAnotherReader,
    }

    public static TheoryData<string> Keys => [ShortKey, LongKey];

    private StoreData Data => _fixture.Store.Data;

    [Theory]
    [MemberData(nameof(Keys))]
    public void Reads_WithLimit_AreCountedUpToTheMostAndThenWriteNothing(string key)
    {
        _fixture.Set(key, [1]);
        for (int reads = 0; reads < 10; reads++)
        {
            Assert.Equal(Math.Min(reads, SlotUses.Max), UsesOf(key));
            Assert.Equal([1], _fixture.Get(key));
        }

        Assert.Equal(IndexSlot.TagOf(KeyOf(key).Hash), IndexSlot.Tag(SlotOf(key)));
    }

    public enum Kind
    {
        Sliding,
        OfItsOwnMemory,
        Expiring,
    }

    [Theory]
    [InlineData(Kind.Sliding)]
    [InlineData(Kind.OfItsOwnMemory)]
    [InlineData(Kind.Expiring)]
    public void Read_ThatGoesTheLongWayAfterTheShortOne_IsCountedOnce(Kind kind)
    {
        // Otherwise one read would be as good as two, which is what makes an entry stay.
        EntryExpiration expiration = kind == Kind.OfItsOwnMemory ? default : new(_fixture.Clock.Now + 10_000, kind == Kind.Sliding ? 10_000 : 0, 0);
        byte[] value = new byte[kind == Kind.OfItsOwnMemory ? 1 << 20 : 10];
        _fixture.Set(ShortKey, value, expiration);
        Assert.Equal(value, _fixture.Get(ShortKey));
        Assert.Equal(1, UsesOf(ShortKey));
        Assert.Equal(ReadOutcome.Hit, _fixture.Store.TryGet(ShortKey, new byte[1 << 20], out _));
        Assert.Equal(2, UsesOf(ShortKey));
        Assert.Equal(ReadOutcome.Hit, _fixture.Store.TryGet(ShortKey, new System.Buffers.ArrayBufferWriter<byte>()));
        Assert.Equal(3, UsesOf(ShortKey));
    }

    [Fact]
    public void LooksThatAreNoReads_AreNotCounted()
    {
        _fixture.Set(ShortKey, [1]);
        ulong before = SlotOf(ShortKey);
        _fixture.Store.TryGetMetadata(ShortKey, out _);
        _fixture.Store.Prefetch(KeyOf(ShortKey), 1);
        Assert.Null(_fixture.Get("another-key"));
        Assert.Equal(before, SlotOf(ShortKey));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Slot_WithoutLimit_IsSaturatedFromTheBeginning(string key)
    {
        SetLimit(long.MaxValue);
        _fixture.Set(key, [1]);
        ulong before = SlotOf(key);
        Assert.True(SlotUses.IsSaturated(before));
        Assert.Equal([1], _fixture.Get(key));
        Assert.Equal(before, SlotOf(key));
        _fixture.Set(key, [2]);
        Assert.Equal(SlotUses.Max, UsesOf(key));
    }

    [Fact]
    public void LimitChanged_SlotsKeepTheirUses_NewOnesBeginAsTheLimitSays()
    {
        _fixture.Set("limited-key", [1]);
        SetLimit(long.MaxValue);
        _fixture.Set("unlimited-key", [2]);
        Assert.Equal(0, UsesOf("limited-key"));
        for (int i = 0; i < 5; i++)
        {
            _fixture.Get("limited-key");
        }

        SetLimit(64 << 20);
        _fixture.Set("limited-again", [3]);
        Assert.Equal(SlotUses.Max, UsesOf("limited-key"));
        Assert.Equal(SlotUses.Max, UsesOf("unlimited-key"));
        Assert.Equal(0, UsesOf("limited-again"));
    }

    [Fact]
    public void Choose_AllCameWithoutLimit_TakesThemInBoundedTimeAndThenByUse()
    {
        SetLimit(long.MaxValue);
        for (int i = 0; i < 5_000; i++)
        {
            _fixture.Set($"unknown-key-{i}", [1]);
        }

        SetLimit(64 << 20);
        for (int evicted = 0; evicted < 2_500; evicted++)
        {
            if (evicted % 10 == 0)
            {
                for (int i = 0; i < 1_000; i++)
                {
                    _fixture.Get($"unknown-key-{i}");
                }
            }

            lock (_fixture.Gate)
            {
                Assert.True(_fixture.Store.TryChooseVictim(out EvictionCandidate victim));
                _fixture.Store.Evict(victim);
            }
        }

        // A few are taken before the hand has gone round often enough to tell them apart.
        int left = Enumerable.Range(0, 1_000).Count(i => _fixture.Get($"unknown-key-{i}") is not null);
        Assert.InRange(left, 950, 1_000);
        _fixture.AssertConsistent();
    }

    [Fact]
    public void Overwrite_KeepsUsesAndCountsAsOne()
    {
        _fixture.Set(ShortKey, [1]);
        _fixture.Get(ShortKey);
        long before = IndexSlot.Address(SlotOf(ShortKey));
        _fixture.Set(ShortKey, new byte[500]);
        Assert.NotEqual(before, IndexSlot.Address(SlotOf(ShortKey)));
        Assert.Equal(2, UsesOf(ShortKey));
        _fixture.Set(ShortKey, [1]);
        _fixture.Set(ShortKey, [1]);
        Assert.Equal(SlotUses.Max, UsesOf(ShortKey));
    }

    [Fact]
    public void RemovedAndInsertedAgain_BeginsAnew()
    {
        _fixture.Set(ShortKey, [1]);
        _fixture.Get(ShortKey);
        _fixture.Remove(ShortKey);
        _fixture.Set(ShortKey, [1]);
        Assert.Equal(0, UsesOf(ShortKey));
    }

    [Fact]
    public void SplitsOfTheIndex_KeepUses()
    {
        InsertCounted(10_000);
        int block = Data.Index.BlockOf(KeyOf("counted-0").Hash);
        for (int i = 0; i < 40_000; i++)
        {
            _fixture.Set($"further-key-{i}", [1]);
        }

        Assert.NotEqual(block, Data.Index.BlockOf(KeyOf("counted-0").Hash));
        AssertCounted(Enumerable.Range(0, 10_000));
    }

    [Fact]
    public void Compaction_KeepsUses()
    {
        const int Entries = 40_000;

        InsertCounted(Entries);
        int[] kept = [.. Enumerable.Range(0, Entries).Where(i => i % 8 == 0)];
        Dictionary<int, long> before = kept.ToDictionary(i => i, i => IndexSlot.Address(SlotOf($"counted-{i}")));
        for (int i = 0; i < Entries; i++)
        {
            if (i % 8 != 0)
            {
                _fixture.Remove($"counted-{i}");
            }
        }

        lock (_fixture.Gate)
        {
            while (_fixture.Store.Maintain())
            {
            }
        }

        Assert.Contains(kept, i => before[i] != IndexSlot.Address(SlotOf($"counted-{i}")));
        AssertCounted(kept);
        _fixture.AssertConsistent();
    }

    [Theory]
    [InlineData(Change.Overwrite)]
    [InlineData(Change.Remove)]
    [InlineData(Change.RemoveLeavingTombstone)]
    [InlineData(Change.RemoveAndInsertAnother)]
    [InlineData(Change.CountByAnotherReader)]
    public void Count_SlotChangedSinceItWasRead_ChangesNothing(Change change)
    {
        string key = change == Change.RemoveLeavingTombstone ? Enumerable.Range(0, 20_000).Select(InsertNumbered).First(LeavesTombstone) : ShortKey;
        _fixture.Set(key, [1]);
        SlotPosition slot = Data.Locate(KeyOf(key));
        ref ulong place = ref Data.Index.Slots(slot.Block)[slot.Position];
        ulong read = place;
        switch (change)
        {
            case Change.Overwrite:
                _fixture.Set(key, [2]);
                break;
            case Change.CountByAnotherReader:
                _fixture.Get(key);
                break;
            default:
                _fixture.Remove(key);
                break;
        }

        if (change == Change.RemoveAndInsertAnother)
        {
            // The memory of the entry is used again at once, so only the tag differs.
            ulong other = IndexSlot.Of(IndexSlot.Tag(read) ^ 1, IndexSlot.Address(read));
            Volatile.Write(ref place, other);
        }

        ulong before = place;
        Assert.NotEqual(read, before);
        SlotUses.Count(ref place, read);

        Assert.Equal(before, place);
        Assert.Equal(change == Change.RemoveLeavingTombstone ? IndexSlot.Tombstone : before, place);
    }

    [Fact]
    public void Count_BlockWasLeftByASplit_ReachesNoEntryAndIsGoneWhenTheBlockIsTakenAgain()
    {
        _fixture.Set(ShortKey, [1]);
        StoreKey key = KeyOf(ShortKey);
        SlotPosition slot = Data.Locate(key);
        ref ulong place = ref Data.Index.Slots(slot.Block)[slot.Position];
        ulong read = place;
        lock (_fixture.Gate)
        {
            Data.Index.Deepen(HashIndex.MinDepth + 1);
        }

        // Of the blocks that were left, the last splits have taken the first ones again, already.
        bool isTaken = place != read;
        SlotUses.Count(ref place, read);
        Assert.NotEqual(slot.Block, Data.Index.BlockOf(key.Hash));
        Assert.Equal(0, UsesOf(ShortKey));
        Assert.Equal(isTaken, SlotUses.Of(place) == 0);
        lock (_fixture.Gate)
        {
            Data.Index.Deepen(HashIndex.MinDepth + 3);
        }

        Assert.NotEqual(read, SlotUses.Without(place));
        Assert.Equal([1], _fixture.Get(ShortKey));
        Assert.Equal(1, UsesOf(ShortKey));
        _fixture.AssertConsistent();
    }

    [Fact]
    public void Bits_AreKeptApartFromTagAndAddress()
    {
        const long Address = (1L << EntryAddress.Bits) - 1;

        for (int uses = 0; uses <= SlotUses.Max; uses++)
        {
            foreach (uint tag in new[] { 0u, (1u << 26) - 1 })
            {
                ulong slot = SlotUses.With(IndexSlot.Of(tag, Address), uses);
                Assert.Equal((tag, Address, uses), (IndexSlot.Tag(slot), IndexSlot.Address(slot), SlotUses.Of(slot)));
                Assert.Equal(IndexSlot.Of(tag, Address), SlotUses.Without(slot));
                Assert.Equal(uses == SlotUses.Max, SlotUses.IsSaturated(slot));
                Assert.Equal(uses == SlotUses.Max, SlotUses.IsSaturatedOf(slot, tag));
                Assert.False(SlotUses.IsSaturatedOf(slot, tag ^ 1));
            }
        }

        Assert.False(SlotUses.IsSaturatedOf(IndexSlot.Empty, 0));
        Assert.False(SlotUses.IsSaturatedOf(IndexSlot.Tombstone, 0));
    }

    private string InsertNumbered(int number)
    {
        string key = $"numbered-key-{number}";
        _fixture.Set(key, [1]);
        return key;
    }

    private bool LeavesTombstone(string key)
    {
        SlotPosition slot = Data.Locate(KeyOf(key));
        return Data.Index.Slots(slot.Block)[IndexSlot.After(slot.Position)] != IndexSlot.Empty;
    }

    private void InsertCounted(int entries)
    {
        for (int i = 0; i < entries; i++)
        {
            _fixture.Set($"counted-{i}", new byte[100]);
            for (int reads = 0; reads < i % (SlotUses.Max + 1); reads++)
            {
                _fixture.Get($"counted-{i}");
            }
        }
    }

    private void AssertCounted(IEnumerable<int> numbers) => Assert.All(numbers, i => Assert.Equal(i % (SlotUses.Max + 1), UsesOf($"counted-{i}")));

    private int UsesOf(string key) => SlotUses.Of(SlotOf(key));

    private ulong SlotOf(string key)
    {
        SlotPosition slot = Data.Locate(KeyOf(key));
        Assert.True(slot.IsFound);
        return Data.Index.Slots(slot.Block)[slot.Position];
    }

    private StoreKey KeyOf(string key) => _fixture.Store.MakeKey(StoreFixture.Encode(key));

    private void SetLimit(long bytes)
    {
        lock (_fixture.Gate)
        {
            _fixture.Store.MaxBytes = bytes;
        }
    }
}
