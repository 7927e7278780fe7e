using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

/// <summary>Nothing that a reader may be looking at is given up before its stripe has been bumped. Races would show it rarely; this shows it always.</summary>
public class WriterProtocolTests
{
    private readonly StoreFixture _fixture = new();

    private StoreData Data => _fixture.Store.Data;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void OverwriteAndRemove_OldMemoryIsFreedOnlyAfterTheBump(bool overwrite)
    {
        _fixture.Set("key", [1]);
        long before = Generation("key");
        List<(WriterStep Step, long Generation)> steps = [];
        _fixture.Store.Probe.Paused = step => steps.Add((step, Generation("key")));
        if (overwrite)
        {
            _fixture.Set("key", [2]);
        }
        else
        {
            _fixture.Remove("key");
        }

        Assert.Contains((WriterStep.Published, before), steps);
        Assert.Contains((WriterStep.Bumped, before + 1), steps);
        Assert.Equal((WriterStep.Freed, before + 1), steps[^1]);
    }

    [Fact]
    public void Insert_DestroysNothing_AndBumpsNothing()
    {
        long before = Generation("key");
        _fixture.Set("key", [1]);
        Assert.Equal(before, Generation("key"));
    }

    [Fact]
    public void SplitAndRebuild_OldBlockIsRecycledOnlyAfterTheBumpOfItsRange()
    {
        int splits = 0;
        int rebuilds = 0;
        long[] before = [];
        int[] blocks = [];
        _fixture.Store.Probe.Paused = step =>
        {
            if (step == WriterStep.IndexBlocksFilled)
            {
                before = [.. Stripes().Select(hash => Data.Generations.Of(hash))];
                blocks = [.. Stripes().Select(hash => Data.Index.BlockOf(hash))];
            }
            else if (step == WriterStep.IndexBlockRecycled)
            {
                int index = 0;
                var targets = new HashSet<int>();
                foreach (ulong hash in Stripes())
                {
                    bool hasMoved = Data.Index.BlockOf(hash) != blocks[index];
                    if (hasMoved)
                    {
                        targets.Add(Data.Index.BlockOf(hash));
                    }

                    Assert.Equal(hasMoved ? before[index] + 1 : before[index], Data.Generations.Of(hash));
                    index++;
                }

                splits += targets.Count == 2 ? 1 : 0;
                rebuilds += targets.Count == 1 ? 1 : 0;
            }
        };
        // Blocks that are nearly full and lose many entries, each of which leaves a tombstone, are rebuilt, not split, when others come.
        string[] keys = [.. Enumerable.Range(0, 20_000).Select(i => $"key-{i}")];
        foreach (string key in keys.Where(key => !IsNearlyFull(key)))
        {
            _fixture.Set(key, [1]);
        }

        foreach (string key in keys.Where(LeavesTombstone))
        {
            _fixture.Remove(key);
        }

        for (int i = 0; i < 40_000; i++)
        {
            _fixture.Set($"other-{i}", [1]);
        }

        Assert.True(splits > 10 && rebuilds > 10, $"{splits} splits, {rebuilds} rebuilds");
    }

    [Fact]
    public void Compaction_EveryEntryThatMoved_HasItsStripeBumped()
    {
        const int Count = 40_000;
        for (int i = 0; i < Count; i++)
        {
            _fixture.Set($"key-{i}", new byte[200]);
        }

        // Removing compacts as it goes along. Few other changes come between two looks, so most stripes are bumped by nothing else.
        const int RemovalsPerLook = 500;
        string[] kept = [.. Enumerable.Range(0, Count / 8).Select(i => $"key-{i * 8}")];
        string[] removed = [.. Enumerable.Range(0, Count).Where(i => i % 8 != 0).Select(i => $"key-{i}")];
        int moved = 0;
        foreach (string[] some in removed.Chunk(RemovalsPerLook))
        {
            (long Address, long Generation)[] before = [.. kept.Select(key => (Address(key), Generation(key)))];
            foreach (string key in some)
            {
                _fixture.Remove(key);
            }

            for (int i = 0; i < kept.Length; i++)
            {
                if (Address(kept[i]) != before[i].Address)
                {
                    moved++;
                    Assert.NotEqual(before[i].Generation, Generation(kept[i]));
                }
            }
        }

        Assert.True(moved > 1_000);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ClearAndRetire_EveryStripeOfTheOldDataIsBumpedBeforeItsMemoryIsGivenAway(bool clear)
    {
        _fixture.Set("key", [1]);
        StoreData old = Data;
        long[] before = [.. Stripes().Select(hash => old.Generations.Of(hash))];
        _fixture.Store.Probe.Paused = step => Assert.True(
            step != WriterStep.DataReplaced || Stripes().Select(hash => old.Generations.Of(hash)).SequenceEqual(before));
        lock (_fixture.Gate)
        {
            if (clear)
            {
                _fixture.Store.Clear();
            }
            else
            {
                _fixture.Store.Retire();
            }
        }

        Assert.All(Stripes().Zip(before), pair => Assert.Equal(pair.Second + 1, old.Generations.Of(pair.First)));
    }

    private bool IsNearlyFull(string key)
    {
        IndexBlockInfo info = Data.Index.Info(Data.Index.BlockOf(_fixture.Store.MakeKey(StoreFixture.Encode(key)).Hash));
        return info.Live + info.Tombstones >= HashIndex.FullBlock - 1;
    }

    private bool LeavesTombstone(string key)
    {
        SlotPosition slot = Data.Locate(_fixture.Store.MakeKey(StoreFixture.Encode(key)));
        return slot.Address != SlotPosition.NoEntry && Data.Index.Slots(slot.Block)[IndexSlot.After(slot.Position)] != IndexSlot.Empty;
    }

    private static IEnumerable<ulong> Stripes()
    {
        return Enumerable.Range(0, 1 << StripeGenerations.Bits).Select(i => (ulong)i << (64 - StripeGenerations.Bits));
    }

    private long Generation(string key) => Data.Generations.Of(_fixture.Store.MakeKey(StoreFixture.Encode(key)).Hash);

    private long Address(string key) => Data.Locate(_fixture.Store.MakeKey(StoreFixture.Encode(key))).Address;
}
