using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

public class BlockPlaceTests
{
    private const int LineSize = 64;

    [Fact]
    public void ShiftOf_AnySlab_LetsTheBlocksBeginAtALineOfTheCache()
    {
        SegmentPool pool = new();
        for (int i = 0; i < 10; i++)
        {
            ulong[] slab = pool.RentSlab();
            int shift = BlockPlace.ShiftOf(slab);
            Assert.InRange(shift, 0, IndexSlot.GroupSlots - 1);
            Assert.True(shift + IndexBlockPool.SlabSlots <= slab.Length);
            Assert.Equal(0, Marshal.UnsafeAddrOfPinnedArrayElement(slab, shift) % LineSize);
        }
    }

    [Fact]
    public void PlaceInTheDirectory_LeadsToTheSlotsOfTheBlock()
    {
        StoreFixture fixture = new();
        HashIndex index = fixture.Store.Data.Index;
        lock (fixture.Gate)
        {
            fixture.Store.EnsureCapacity(300_000);
        }

        int slabs = 0;
        ulong hash = 0;
        do
        {
            BlockPlace place = index.PlaceOf(hash);
            Span<ulong> slots = index.Slots(place.Block);
            Assert.Equal(IndexBlockPool.BlockSlots, slots.Length);
            Assert.True(Unsafe.AreSame(ref MemoryMarshal.GetReference(slots), ref index.SlabOf(place)[place.First]));
            Assert.True(Unsafe.AreSame(ref MemoryMarshal.GetReference(slots), ref MemoryMarshal.GetReference(index.Slots(place))));
            slabs = Math.Max(slabs, place.Slab + 1);
            hash = HashIndex.EndOfRange(hash, index.Info(place.Block).Depth);
        }
        while (hash != 0);

        Assert.True(slabs > 1);
    }

    [Fact]
    public void Of_AnyNumberOfABlock_GivesItsParts()
    {
        int last = (1 << BlockPlace.BlockBits) - 1;
        foreach (int block in new[] { 0, 1, 127, 128, 1_000_000, last })
        {
            var place = BlockPlace.Of(block, 7);
            Assert.Equal(block, place.Block);
            Assert.Equal(block >> BlockPlace.BlockInSlabBits, place.Slab);
            Assert.Equal((block % (1 << BlockPlace.BlockInSlabBits) * IndexBlockPool.BlockSlots) + 7, place.First);
        }
    }

    [Fact]
    public void Home_IsNotMadeOfBitsThatChooseTheBlock()
    {
        for (int depth = 0; depth < HashIndex.MaxDepth; depth++)
        {
            ulong branch = 1UL << (63 - depth);
            Assert.Equal(0, IndexSlot.Home(IndexSlot.TagOf(branch)));
        }

        ulong home = 127UL << IndexSlot.UnknownHashBits;
        Assert.Equal(IndexBlockPool.BlockSlots - IndexSlot.GroupSlots, IndexSlot.Home(IndexSlot.TagOf(home)));
    }
}
