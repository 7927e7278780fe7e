using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

public class EntryAllocatorTests
{
    private readonly SegmentTable _segments = new();
    private readonly SegmentPool _pool = new();
    private readonly MemoryBudget _budget = new(long.MaxValue);
    private readonly EntryAllocator _allocator;

    public EntryAllocatorTests() => _allocator = new EntryAllocator(_segments, _pool, _budget);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void AllocateAndFree_AtRandom_BlocksNeverOverlap(int seed)
    {
        Random random = new(seed);
        List<(long Address, int Size, byte Mark)> live = [];
        for (int i = 0; i < 30_000; i++)
        {
            if (live.Count == 0 || random.Next(5) < (i < 20_000 ? 3 : 2))
            {
                int size = random.Next(10) < 8 ? random.Next(32, 700) : random.Next(32, 150_000);
                long address = _allocator.Allocate(size);
                byte mark = (byte)random.Next(1, 255);
                _segments.From(address)[..size].Fill(mark);
                live.Add((address, size, mark));
            }
            else
            {
                int index = random.Next(live.Count);
                (long address, int size, byte mark) = live[index];
                Assert.False(_segments.From(address)[..size].ContainsAnyExcept(mark));
                _allocator.Free(address, size);
                live[index] = live[^1];
                live.RemoveAt(live.Count - 1);
            }
        }

        foreach ((long address, int size, byte mark) in live)
        {
            Assert.False(_segments.From(address)[..size].ContainsAnyExcept(mark));
            _allocator.Free(address, size);
        }

        DrainAll();
        Assert.Equal(0, _allocator.PageBytes);
        Assert.Equal(0, _allocator.FreedBytes);
        Assert.Equal(0, _budget.UsedBytes);
    }

    [Fact]
    public void Free_ThenAllocateTheSameSize_ReturnsTheBlockThatIsStillInTheCache()
    {
        long first = _allocator.Allocate(100);
        _allocator.Allocate(100);
        _allocator.Free(first, 100);

        Assert.Equal(first, _allocator.Allocate(100));
    }

    [Fact]
    public void Allocate_OneSizeInARow_LiesSideBySide()
    {
        long[] addresses = [.. Enumerable.Range(0, 200).Select(_ => _allocator.Allocate(152))];

        Assert.Equal(Enumerable.Range(0, 200).Select(i => addresses[0] + (i * 152L / EntryAddress.GranuleSize)), addresses);
    }

    [Fact]
    public void Free_AllOfALargePopulation_SegmentsGoBackToThePoolButOne()
    {
        List<long> addresses = [.. Enumerable.Range(0, 40_000).Select(_ => _allocator.Allocate(1_000))];
        addresses.ForEach(address => _allocator.Free(address, 1_000));
        DrainAll();

        Assert.Equal(0, _budget.UsedBytes);
        Assert.InRange(_pool.RetainedBytes, 9 * EntryAddress.SegmentSize, 10 * EntryAddress.SegmentSize);
    }

    [Fact]
    public void Free_OnePopulation_ItsPagesServeAnotherSize()
    {
        List<long> addresses = [.. Enumerable.Range(0, 40_000).Select(_ => _allocator.Allocate(1_000))];
        addresses.ForEach(address => _allocator.Free(address, 1_000));
        DrainAll();
        int segments = _segments.End;
        for (int i = 0; i < 4_000; i++)
        {
            _allocator.Allocate(9_000);
        }

        Assert.InRange(_segments.End, 1, segments + 1);
    }

    [Theory]
    [InlineData(SizeClasses.LargestSize + 1)]
    [InlineData(EntryAddress.SegmentSize - 1)]
    [InlineData(EntryAddress.SegmentSize)]
    [InlineData(EntryAddress.SegmentSize + 1)]
    public void Allocate_LargeSize_GetsAnArrayOfItsOwn(int size)
    {
        long address = _allocator.Allocate(size);
        byte[] segment = _segments.Find(EntryAddress.SegmentOf(address))!;

        Assert.True(SegmentTable.IsDedicated(segment));
        Assert.True(segment.Length >= size);
        Assert.Equal(segment.Length, _budget.UsedBytes);
        _allocator.Free(address, size);
        Assert.Null(_segments.Find(EntryAddress.SegmentOf(address)));
        Assert.Equal(0, _budget.UsedBytes);
        Assert.Equal(0, _pool.RetainedBytes);
    }

    private void DrainAll()
    {
        for (int i = 1; i < SizeClasses.Count; i++)
        {
            _allocator.DrainNextMagazine();
        }
    }
}
