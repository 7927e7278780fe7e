using System.Text;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

public class EvictionPolicyTests
{
    private readonly StoreFixture _fixture = new(new StoreOptions { MaxBytes = 64 << 20 });

    [Fact]
    [Trait("Behaviour", "J5")]
    public void Evict_ScanOfEntriesThatNobodyReads_LeavesThoseThatAreRead()
    {
        const int Hot = 1_000;
        for (int i = 0; i < Hot; i++)
        {
            _fixture.Set($"hot-key-{i}", [1]);
            _fixture.Get($"hot-key-{i}");
            _fixture.Get($"hot-key-{i}");
        }

        // Ten times as many entries pass by as there is room for, each of them once.
        for (int i = 0; i < 20_000; i++)
        {
            _fixture.Set($"scanned-key-{i}", [2]);
            if (i % 4 == 0)
            {
                _fixture.Get($"hot-key-{i / 4 % Hot}");
            }

            EvictDownTo(2_000);
        }

        int left = Enumerable.Range(0, Hot).Count(i => _fixture.Get($"hot-key-{i}") is not null);
        Assert.InRange(left, Hot * 95 / 100, Hot);
        _fixture.AssertConsistent();
    }

    [Fact]
    [Trait("Behaviour", "J5")]
    public void Inserted_ShortlyAfterItsEviction_StaysWithoutHavingToBeReadAgain()
    {
        for (int i = 0; i < 1_000; i++)
        {
            _fixture.Set($"key-{i}", [1]);
        }

        string evicted = Evict();
        Assert.Equal(999, Policy.Newcomers);
        _fixture.Set(evicted, [1]);
        Assert.Equal(999, Policy.Newcomers);
        _fixture.Set("a-new-key", [1]);
        Assert.Equal(1_000, Policy.Newcomers);
    }

    [Fact]
    public void Choose_AllAreUsedAllTheTime_StillTakesOneInBoundedTime()
    {
        for (int i = 0; i < 5_000; i++)
        {
            _fixture.Set($"used-key-{i}", [1]);
        }

        for (int round = 0; round < 100; round++)
        {
            for (int i = 0; i < 5_000; i++)
            {
                _fixture.Get($"used-key-{i}");
            }

            EvictDownTo(5_000 - round);
        }

        Assert.Equal(4_901, _fixture.Store.Count);
        _fixture.AssertConsistent();
    }

    [Fact]
    [Trait("Behaviour", "J7")]
    public void Newcomers_OverAnyMixOfChanges_AreThoseThatTheMarksShow()
    {
        Random random = new(3);
        for (int i = 0; i < 60_000; i++)
        {
            string key = $"any-key-{random.Next(30_000)}";
            switch (random.Next(10))
            {
                case < 5:
                    _fixture.Set(key, new byte[random.Next(300)]);
                    break;
                case < 7:
                    _fixture.Get(key);
                    break;
                case 7:
                    _fixture.Remove(key);
                    break;
                case 8 when _fixture.Store.Count > 8_000:
                    Evict();
                    Evict();
                    break;
                default:
                    lock (_fixture.Gate)
                    {
                        _fixture.Store.Maintain();
                    }

                    break;
            }
        }

        AssertMarksAreThoseOfEntries();
        _fixture.AssertConsistent();
        long withMarks = _fixture.Store.UsedBytes;
        SetLimit(long.MaxValue);
        Assert.Null(_fixture.Store.Data.Eviction);
        Assert.True(_fixture.Store.UsedBytes < withMarks);
        SetLimit(64 << 20);
        AssertMarksAreThoseOfEntries();
        EvictDownTo(0);
        _fixture.AssertConsistent();
        Assert.Equal(0, Policy.Newcomers);
    }

    [Fact]
    [Trait("Behaviour", "J7")]
    public void Reads_WhileEntriesAreEvictedAndTheIndexGrows_SeeWholeValues()
    {
        const int Keys = 20_000;

        bool stop = false;
        Exception? failure = null;
        var readers = new Thread[2];
        for (int r = 0; r < readers.Length; r++)
        {
            int seed = r;
            readers[r] = new Thread(() =>
            {
                try
                {
                    Random random = new(seed);
                    while (!Volatile.Read(ref stop))
                    {
                        int number = random.Next(Keys);
                        byte[]? value = _fixture.Get($"shared-key-{number}");
                        Assert.True(value is null || (value.Length == 8 && BitConverter.ToInt64(value) == number));
                    }
                }
                catch (Exception e)
                {
                    failure = e;
                }
            });
            readers[r].Start();
        }

        Random writes = new(9);
        for (int i = 0; i < 200_000; i++)
        {
            int number = writes.Next(Keys);
            _fixture.Set($"shared-key-{number}", BitConverter.GetBytes((long)number));
            EvictDownTo(i < 100_000 ? 5_000 : 12_000);
        }

        Volatile.Write(ref stop, true);
        foreach (Thread reader in readers)
        {
            reader.Join();
        }

        Assert.Null(failure);
        AssertMarksAreThoseOfEntries();
        _fixture.AssertConsistent();
    }

    private EvictionPolicy Policy => _fixture.Store.Data.Eviction!;

    private string Evict()
    {
        lock (_fixture.Gate)
        {
            Assert.True(_fixture.Store.TryChooseVictim(out EvictionCandidate victim));
            string key = Encoding.UTF8.GetString(_fixture.Store.KeyOf(victim));
            _fixture.Store.Evict(victim);
            return key;
        }
    }

    private void EvictDownTo(int count)
    {
        while (_fixture.Store.Count > count)
        {
            Evict();
        }
    }

    private void SetLimit(long bytes)
    {
        lock (_fixture.Gate)
        {
            _fixture.Store.MaxBytes = bytes;
        }
    }

    // A bit where there is no entry would be counted for ever, and a newcomer without its bit would never be.
    private void AssertMarksAreThoseOfEntries()
    {
        lock (_fixture.Gate)
        {
            StoreData data = _fixture.Store.Data;
            long newcomers = 0;
            ulong hash = 0;
            do
            {
                int block = data.Index.BlockOf(hash);
                Span<ulong> slots = data.Index.Slots(block);
                for (int position = 0; position < slots.Length; position++)
                {
                    bool isNewcomer = data.Index.Newcomers!.IsNewcomer(block, position);
                    Assert.True(IndexSlot.IsEntry(slots[position]) || !isNewcomer);
                    newcomers += isNewcomer ? 1 : 0;
                }

                hash = HashIndex.EndOfRange(hash, data.Index.Info(block).Depth);
            }
            while (hash != 0);

            Assert.Equal(newcomers, Policy.Newcomers);
        }
    }
}
