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
        int seen = 0;
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
                seen++;
                int index = 0;
                foreach (ulong hash in Stripes())
                {
                    bool hasMoved = Data.Index.BlockOf(hash) != blocks[index];
                    Assert.Equal(hasMoved ? before[index] + 1 : before[index], Data.Generations.Of(hash));
                    index++;
                }
            }
        };
        for (int i = 0; i < 40_000; i++)
        {
            _fixture.Set($"key-{i}", [1]);
            _fixture.Remove($"key-{i - 20_000}");
        }

        Assert.True(seen > 30);
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

    private static IEnumerable<ulong> Stripes()
    {
        return Enumerable.Range(0, 1 << StripeGenerations.Bits).Select(i => (ulong)i << (64 - StripeGenerations.Bits));
    }

    private long Generation(string key) => Data.Generations.Of(_fixture.Store.MakeKey(StoreFixture.Encode(key)).Hash);

    private long Address(string key) => Data.Locate(_fixture.Store.MakeKey(StoreFixture.Encode(key))).Address;
}
