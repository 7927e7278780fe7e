using System.Buffers.Binary;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

/// <summary>The index with hashes of the tests' own choice, at the ends of what it can hold.</summary>
public class HashIndexTests
{
    private const int Known = 64 - IndexSlot.UnknownHashBits;

    private readonly StoreFixture _fixture = new(new StoreOptions { MaxBytes = 256 << 20 });
    private readonly Dictionary<ulong, ulong> _hashes = [];
    private ulong _next;

    private StoreData Data => _fixture.Store.Data;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Block_OfTheGreatestDepth_HoldsWhatItCanAndRefusesTheNext(bool last)
    {
        // All hashes begin with the same bits as far as blocks are split by them, and behind these differ in all ways.
        ulong prefix = last ? ulong.MaxValue << (64 - HashIndex.MaxDepth) : 0;
        int free = Known - HashIndex.MaxDepth;
        for (ulong i = 0; i < HashIndex.FullBlock; i++)
        {
            // Beginning with the first and the last hash of the range.
            ulong bits = (i % 2 == 0 ? i / 2 : (1UL << free) - 1 - (i / 2)) & ((1UL << free) - 1);
            Set(prefix | (bits << IndexSlot.UnknownHashBits) | (i * 977));
        }

        Assert.Throws<StoreFullException>(() => Set(prefix | 1));
        int block = Data.Index.BlockOf(prefix);
        Assert.Equal(HashIndex.MaxDepth, Data.Index.Info(block).Depth);
        Assert.Equal(HashIndex.FullBlock, Data.Index.Info(block).Live);
        AssertSound();
        AssertSnapshotIsWhole();

        foreach (ulong number in _hashes.Keys.Where(number => number % 3 == 0).ToList())
        {
            Remove(number);
        }

        AssertSound();
        Set(prefix | 2);
        AssertSound();
        AssertSnapshotIsWhole();
        EvictAll();
    }

    [Fact]
    public void HomeGroup_OverflowsPastTheEndOfTheBlock_AllAreFoundAndNothingIsLeftWhenTheyGo()
    {
        // More entries than fit into the last two groups, all at home there, so that they go on at the beginning of the block, among those at home in its first groups.
        Random random = new(4);
        ulong[] homes = [126, 127, 127, 127, 0, 1];
        for (int round = 0; round < 20_000; round++)
        {
            if (random.Next(_hashes.Count + 40) < 40)
            {
                ulong upper = (ulong)random.Next(4) << 48;
                Set(upper | (homes[random.Next(homes.Length)] << IndexSlot.UnknownHashBits) | (uint)random.Next());
            }
            else
            {
                Remove(_hashes.Keys.ElementAt(random.Next(_hashes.Count)));
            }

            if (round % 500 == 0)
            {
                AssertSound();
                AssertSnapshotIsWhole();
            }
        }

        EvictAll();
    }

    [Fact]
    public void EntriesOfTheSameSlotBits_SnapshotDisturbedAfterEachOfThem_StillEndsAndDeliversAll()
    {
        ulong[] hashes = [0, 1UL << IndexSlot.UnknownHashBits, ulong.MaxValue << IndexSlot.UnknownHashBits, 0xF000_0000_0000_0000, 0xEFFF_FFFC_0000_0000];
        foreach (ulong hash in hashes)
        {
            for (ulong i = 0; i < 5; i++)
            {
                Set(hash | i);
            }
        }

        int disturbances = 0;
        SnapshotModel snapshot = new();
        snapshot.AfterEntry = () =>
        {
            // Every stripe moves on after each entry, so that the cursor ends up taking the gate.
            Assert.True(++disturbances < 1_000, "The snapshot does not get on.");
            lock (_fixture.Gate)
            {
                Data.Generations.BumpPrefix(0, 0);
            }
        };
        snapshot.ReadAll(_fixture.Store, maxBytes: 1);
        Assert.Equal(_hashes.Count, snapshot.Entries.Count);
    }

    private static byte[] KeyOf(ulong number)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        return [.. Convert.ToHexString(bytes).Select(c => (byte)c)];
    }

    private static ulong NumberOf(string key) => ulong.Parse(key, System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);

    private void Set(ulong hash)
    {
        ulong number = _next++;
        lock (_fixture.Gate)
        {
            _fixture.Store.Set(new StoreKey(KeyOf(number), hash), [1], EntryExpiration.None, 0, 0);
            _hashes.Add(number, hash);
        }
    }

    private void Remove(ulong number)
    {
        lock (_fixture.Gate)
        {
            Assert.True(_fixture.Store.Remove(new StoreKey(KeyOf(number), _hashes[number])));
            _hashes.Remove(number);
        }
    }

    private void EvictAll()
    {
        lock (_fixture.Gate)
        {
            while (_fixture.Store.TryChooseVictim(out EvictionCandidate victim))
            {
                ulong number = NumberOf(System.Text.Encoding.ASCII.GetString(_fixture.Store.KeyOf(victim)));
                Assert.True(_hashes.Remove(number, out ulong hash));
                Assert.Equal(hash >> IndexSlot.UnknownHashBits, victim.Hash >> IndexSlot.UnknownHashBits);
                _fixture.Store.Evict(victim);
            }
        }

        Assert.Empty(_hashes);
        AssertSound();
    }

    private void AssertSound()
    {
        lock (_fixture.Gate)
        {
            Assert.Equal(_hashes.Count, Data.Count);
            IndexCheck.AssertSound(Data, key => _hashes[NumberOf(System.Text.Encoding.ASCII.GetString(key))]);
        }
    }

    private void AssertSnapshotIsWhole()
    {
        SnapshotModel snapshot = new();
        snapshot.ReadAll(_fixture.Store, maxBytes: 100);
        Assert.Equal(_hashes.Count, snapshot.Delivered);
        Assert.Equal(_hashes.Count, snapshot.Entries.Count);
    }
}
