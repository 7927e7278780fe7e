using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

/// <summary>What must be true of the slots of an index between two writes, whatever readers have counted in them.</summary>
internal static class IndexCheck
{
    /// <summary>Every slot is vacant or points to an entry that is looked for there, and the writer's numbers are those of the slots. The caller holds the gate.</summary>
    /// <param name="data">The data.</param>
    /// <param name="hashOf">The hash of a key's bytes.</param>
    public static void AssertSound(StoreData data, Func<byte[], ulong> hashOf)
    {
        long entries = 0;
        long newcomers = 0;
        ulong hash = 0;
        do
        {
            int block = data.Index.BlockOf(hash);
            IndexBlockInfo info = data.Index.Info(block);
            Span<ulong> slots = data.Index.Slots(block);
            int live = 0;
            int tombstones = 0;
            for (int position = 0; position < slots.Length; position++)
            {
                ulong slot = slots[position];
                bool isNewcomer = data.Index.Newcomers?.IsNewcomer(block, position) == true;
                newcomers += isNewcomer ? 1 : 0;
                if (IndexSlot.IsEntry(slot))
                {
                    live++;
                    AssertFound(data, hashOf, hash, new SlotPosition(block, position, IndexSlot.Address(slot)), slot);
                }
                else
                {
                    tombstones += slot == IndexSlot.Tombstone ? 1 : 0;
                    Assert.False(isNewcomer);
                }
            }

            Assert.Equal((live, tombstones), (info.Live, info.Tombstones));
            entries += live;
            hash = HashIndex.EndOfRange(hash, info.Depth);
        }
        while (hash != 0);

        Assert.Equal(data.Count, entries);
        Assert.Equal(data.Eviction?.Newcomers ?? 0, newcomers);
    }

    private static void AssertFound(StoreData data, Func<byte[], ulong> hashOf, ulong rangeHash, SlotPosition at, ulong slot)
    {
        EntryView entry = data.View(at.Address);
        ulong hash = hashOf(entry.Key.ToArray());
        Assert.Equal(hash >> IndexSlot.UnknownHashBits << IndexSlot.UnknownHashBits, IndexSlot.HashOf(slot, rangeHash));
        Assert.Equal(at, data.Locate(new StoreKey(entry.Key, hash)));
        Assert.Equal(at, data.LocateAddress(hash, at.Address));
        ref long generation = ref data.Generations.Of(hash);
        Assert.Equal(FindResult.Found, data.Find(new StoreKey(entry.Key, hash), ref generation, generation, isUse: false, isLikelyCounted: false, out _));
    }
}
