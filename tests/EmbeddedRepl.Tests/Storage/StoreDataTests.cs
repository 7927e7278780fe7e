using System.Diagnostics;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

/// <summary>What a reader meets that was held up between two loads.</summary>
public class StoreDataTests
{
    private readonly StoreFixture _fixture = new();

    [Fact]
    public void TryView_StripeMovedOnAndMemoryReused_RefusesBeforeAnyLengthIsUsed()
    {
        StoreData data = _fixture.Store.Data;
        _fixture.Set("key", new byte[100]);
        StoreKey key = _fixture.Store.MakeKey("key"u8);
        ref long generation = ref data.Generations.Of(key.Hash);
        long expected = generation;
        long address = data.Locate(key).Address;

        // The length of a freed block would lead far out of the segment.
        _fixture.Set("key", new byte[200]);
        data.Segments.From(address)[..8].Fill(0xFF);

        Assert.False(data.TryView(address, ref generation, expected, out _));
    }

    [Fact]
    public void TryView_AnyAddressWhatsoever_NeverThrows()
    {
        StoreData data = _fixture.Store.Data;
        for (int i = 0; i < 100; i++)
        {
            _fixture.Set($"key-{i}", new byte[i * 3_000]);
        }

        Random random = new(1);
        long generation = 2;
        for (int i = 0; i < 100_000; i++)
        {
            long address = random.NextInt64(1L << (random.Next(2) == 0 ? 22 : EntryAddress.Bits));
            Assert.False(data.TryView(address, ref generation, expected: 1, out _));
        }
    }

    [Fact]
    public void Find_IndexBlockWithoutAnEmptySlot_Ends()
    {
        // What a reader may see of a block that was recycled under its eyes.
        StoreData data = _fixture.Store.Data;
        StoreKey key = _fixture.Store.MakeKey("key"u8);
        data.Index.Slots(data.Index.BlockOf(key.Hash)).Fill(IndexSlot.Tombstone);
        ref long generation = ref data.Generations.Of(key.Hash);

        Assert.Equal(FindResult.Missing, data.Find(key, ref generation, generation, isUse: true, isLikelyCounted: false, out _));
    }

    [Fact]
    public void LocateAddress_EntryThatTheIndexHasLost_ThrowsInsteadOfSearchingForEver()
    {
        // What compaction would meet after a mistake in the index; it holds the gate, for which every writer waits.
        StoreData data = _fixture.Store.Data;
        _fixture.Set("key", new byte[100]);
        StoreKey key = _fixture.Store.MakeKey("key"u8);
        SlotPosition slot = data.Locate(key);
        ulong hash = key.Hash;
        data.Index.Slots(slot.Block)[slot.Position] = IndexSlot.Empty;

        Assert.Throws<UnreachableException>(() => data.LocateAddress(hash, slot.Address));
    }

    [Fact]
    public void BumpPrefix_ReachesExactlyTheStripesOfTheRange()
    {
        for (int depth = 0; depth <= 16; depth++)
        {
            StripeGenerations generations = new();
            ulong hash = 0xA5A5_0000_0000_0000;
            generations.BumpPrefix(hash, depth);

            int bits = Math.Min(depth, StripeGenerations.Bits);
            for (ulong stripe = 0; stripe < 1 << StripeGenerations.Bits; stripe++)
            {
                ulong inStripe = stripe << (64 - StripeGenerations.Bits);
                bool isInRange = bits == 0 || inStripe >> (64 - bits) == hash >> (64 - bits);
                Assert.Equal(isInRange ? 1 : 0, generations.Of(inStripe));
            }
        }
    }

    [Fact]
    public void Slot_TagAndAddress_AreKeptApart()
    {
        ulong hash = 0xFEDC_BA98_7654_3210;
        long address = (1L << EntryAddress.Bits) - 1;
        ulong slot = IndexSlot.Of(IndexSlot.TagOf(hash), address);

        Assert.Equal(address, IndexSlot.Address(slot));
        Assert.Equal(IndexSlot.TagOf(hash), IndexSlot.Tag(slot));
        Assert.Equal(hash & 0xFFFF_FFFC_0000_0000, IndexSlot.HashOf(slot, hash));
        for (int depth = HashIndex.MinDepth; depth < HashIndex.MaxDepth; depth++)
        {
            Assert.Equal((hash >> (63 - depth) & 1) != 0, IndexSlot.BranchBit(slot, depth));
        }
    }
}
