using System.Buffers.Binary;
using System.Diagnostics;

namespace EmbeddedRepl.Storage;

/// <summary>
/// Hands out and takes back the memory of entries. Each class has a magazine of recently freed blocks, used last in, first out, so
/// that an overwrite writes to memory that is still in the processor's cache; behind it, pages binned by how full they are: allocation fills
/// the fullest, compaction empties the sparsest. For the writer.
/// </summary>
internal sealed class EntryAllocator
{
    /// <summary>First word of a freed block; no entry has it, since it would be a value of 4 GB.</summary>
    private const uint FreeMark = uint.MaxValue;

    private const int Bins = 4;
    private const int MagazineBytes = 32 << 10;
    private const int MaxMagazineBlocks = 64;

    private readonly SegmentTable _segments;
    private readonly MemoryBudget _budget;
    private readonly PageTable _pages;
    private readonly PageList _bins;
    private readonly ClassState[] _classes = new ClassState[SizeClasses.Count];
    private int _drainNext = 1;

    public EntryAllocator(SegmentTable segments, SegmentPool pool, MemoryBudget budget)
    {
        _segments = segments;
        _budget = budget;
        _pages = new PageTable(segments, pool, budget);
        _bins = new PageList(_pages, SizeClasses.Count * Bins);
        for (int c = 1; c < SizeClasses.Count; c++)
        {
            ref ClassState state = ref _classes[c];
            state.Size = SizeClasses.SizeOf(c);
            state.BlocksPerPage = SizeClasses.BlocksPerPage(c);
            state.UnitsPerPage = SizeClasses.UnitsPerPage(c);
            state.CurrentPage = PageList.None;
        }
    }

    /// <summary>The page that is being evacuated, or <see cref="PageList.None"/>. Nothing is allocated from it.</summary>
    public int EvacuatedPage { get; private set; } = PageList.None;

    /// <summary>Bytes of freed blocks in pages, which only the same class can use.</summary>
    public long FreedBytes { get; private set; }

    /// <summary>Bytes of pages in use.</summary>
    public long PageBytes { get; private set; }

    /// <summary>Bytes of entries that have an array of their own.</summary>
    public long DedicatedBytes { get; private set; }

    /// <summary>Whether an entry of that size could be taken memory for; nothing is changed.</summary>
    /// <param name="size">Size of the entry in bytes.</param>
    /// <param name="reserve">So many bytes must be left for other things.</param>
    public bool HasRoomFor(int size, long reserve)
    {
        if (size > SizeClasses.LargestSize)
        {
            return _budget.Allows(DedicatedLength(size) + reserve);
        }

        int sizeClass = SizeClasses.ClassOf(size);
        ref ClassState state = ref _classes[sizeClass];
        bool hasBlock = state.MagazineCount > 0 || state.CurrentPage != PageList.None || HasPartialPage(sizeClass);
        return _budget.Allows((hasBlock ? 0 : (long)state.UnitsPerPage * PageTable.UnitSize) + reserve);
    }

    /// <summary>The memory that an entry of that size needs at most, in bytes: a page, or an array of its own.</summary>
    public static long LargestNeed(int size) => size > SizeClasses.LargestSize
        ? DedicatedLength(size)
        : (long)SizeClasses.UnitsPerPage(SizeClasses.ClassOf(size)) * PageTable.UnitSize;

    /// <summary>Takes memory for an entry.</summary>
    /// <param name="size">Size of the entry in bytes.</param>
    /// <returns>The address; the content is undefined.</returns>
    /// <exception cref="StoreFullException">The limit is reached; nothing has changed.</exception>
    public long Allocate(int size)
    {
        if (size > SizeClasses.LargestSize)
        {
            return AllocateDedicated(size);
        }

        int sizeClass = SizeClasses.ClassOf(size);
        ref ClassState state = ref _classes[sizeClass];
        if (state.MagazineCount == 0)
        {
            Refill(sizeClass, ref state);
        }

        return state.Magazine![--state.MagazineCount];
    }

    /// <summary>
    /// Takes back the memory of an entry. It may be handed out or written to at once, so the caller has bumped the entry's stripe before.
    /// </summary>
    public void Free(long address, int size)
    {
        if (size > SizeClasses.LargestSize)
        {
            byte[] segment = _segments.Remove(EntryAddress.SegmentOf(address));
            _budget.Release(segment.Length);
            DedicatedBytes -= segment.Length;
            return;
        }

        int sizeClass = SizeClasses.ClassOf(size);
        ref ClassState state = ref _classes[sizeClass];
        if (PageTable.PageOf(address, state.UnitsPerPage) == EvacuatedPage)
        {
            ReturnToPage(sizeClass, ref state, address);
            return;
        }

        state.Magazine ??= new long[MagazineCapacity(state.Size)];
        if (state.MagazineCount == state.Magazine.Length)
        {
            Drain(sizeClass, state.Magazine.Length / 2);
        }

        state.Magazine[state.MagazineCount++] = address;
    }

    /// <summary>
    /// Chooses a page to evacuate: a sparse one of the class with the most freed memory. Only classes whose freed blocks amount to a page
    /// come into question, since otherwise the move would need a new page.
    /// </summary>
    /// <returns>Whether there is one; it is <see cref="EvacuatedPage"/> then.</returns>
    public bool TryBeginEvacuation()
    {
        Debug.Assert(EvacuatedPage == PageList.None);
        int best = 0;
        long bestBytes = 0;
        for (int c = 1; c < SizeClasses.Count; c++)
        {
            ref ClassState state = ref _classes[c];
            long bytes = (long)state.FreedBlocks * state.Size;
            if (bytes > bestBytes && state.FreedBlocks >= state.BlocksPerPage)
            {
                best = c;
                bestBytes = bytes;
            }
        }

        if (best == 0)
        {
            return false;
        }

        Drain(best, _classes[best].MagazineCount);
        for (int bin = 0; bin < Bins; bin++)
        {
            int page = _bins.First((best * Bins) + bin);
            if (page != PageList.None)
            {
                _bins.Remove(page);
                EvacuatedPage = page;
                return true;
            }
        }

        return false;
    }

    /// <summary>Finds the next entry on the evacuated page.</summary>
    /// <param name="block">Where to start; receives the block after the one found.</param>
    /// <param name="address">The entry's address.</param>
    /// <returns>False at the end of the page.</returns>
    public bool TryNextEvacuated(ref int block, out long address)
    {
        ref PageInfo page = ref _pages[EvacuatedPage];
        int size = _classes[page.SizeClass].Size;
        long start = PageTable.AddressOf(EvacuatedPage);
        while (block < page.UsedBlocks)
        {
            address = start + ((long)block++ * size / EntryAddress.GranuleSize);
            if (BinaryPrimitives.ReadUInt32LittleEndian(_segments.From(address)) != FreeMark)
            {
                return true;
            }
        }

        address = 0;
        return false;
    }

    /// <summary>Ends an evacuation before its page was empty; the page serves allocations again.</summary>
    public void EndEvacuation()
    {
        int page = EvacuatedPage;
        EvacuatedPage = PageList.None;
        ref PageInfo info = ref _pages[page];
        MoveToBin(info.SizeClass, page, ref info, ref _classes[info.SizeClass]);
    }

    /// <summary>Returns the magazine of one class to its pages, the next class on each call, so that idle magazines don't hold pages for ever.</summary>
    public void DrainNextMagazine()
    {
        Drain(_drainNext, _classes[_drainNext].MagazineCount);
        _drainNext = _drainNext + 1 == SizeClasses.Count ? 1 : _drainNext + 1;
    }

    /// <summary>Returns all magazines to their pages, so that pages which are empty but for that become free.</summary>
    /// <returns>Whether there was anything in them.</returns>
    public bool DrainMagazines()
    {
        bool any = false;
        for (int c = 1; c < SizeClasses.Count; c++)
        {
            any |= _classes[c].MagazineCount > 0;
            Drain(c, _classes[c].MagazineCount);
        }

        return any;
    }

    private static int MagazineCapacity(int size) => Math.Clamp(MagazineBytes / size, 2, MaxMagazineBlocks);

    // A dedicated array is told from a shared segment by its length.
    private static int DedicatedLength(int size)
    {
        int length = (size + EntryAddress.GranuleSize - 1) & ~(EntryAddress.GranuleSize - 1);
        return length == EntryAddress.SegmentSize ? length + EntryAddress.GranuleSize : length;
    }

    private bool HasPartialPage(int sizeClass)
    {
        for (int bin = 0; bin < Bins; bin++)
        {
            if (_bins.First((sizeClass * Bins) + bin) != PageList.None)
            {
                return true;
            }
        }

        return false;
    }

    private long AllocateDedicated(int size)
    {
        int length = DedicatedLength(size);
        _segments.EnsureNumber();
        _budget.Take(length);
        try
        {
            long address = EntryAddress.Of(_segments.Add(SegmentPool.AllocateSegment(length, pinned: false)), 0);
            DedicatedBytes += length;
            return address;
        }
        catch (StoreFullException)
        {
            _budget.Release(length);
            throw;
        }
    }

    private void Refill(int sizeClass, ref ClassState state)
    {
        long[] magazine = state.Magazine ??= new long[MagazineCapacity(state.Size)];
        if (state.CurrentPage == PageList.None)
        {
            state.CurrentPage = TakeFullestPage(sizeClass, ref state);
        }

        ref PageInfo page = ref _pages[state.CurrentPage];
        long start = PageTable.AddressOf(state.CurrentPage);
        int wanted = Math.Min(magazine.Length / 2, state.BlocksPerPage - page.LiveBlocks);
        for (int i = wanted - 1; i >= 0; i--)
        {
            int block;
            if (page.FreeBlock >= 0)
            {
                block = page.FreeBlock;
                Span<byte> bytes = _segments.From(start + ((long)block * state.Size / EntryAddress.GranuleSize));
                page.FreeBlock = BinaryPrimitives.ReadInt32LittleEndian(bytes[sizeof(uint)..]);
                state.FreedBlocks--;
                FreedBytes -= state.Size;
            }
            else
            {
                block = page.UsedBlocks++;
            }

            // The first block of the page goes on top, so that entries which come one after the other lie side by side.
            magazine[i] = start + ((long)block * state.Size / EntryAddress.GranuleSize);
        }

        state.MagazineCount = wanted;
        page.LiveBlocks += wanted;
        if (page.LiveBlocks == state.BlocksPerPage)
        {
            state.CurrentPage = PageList.None;
        }
    }

    private int TakeFullestPage(int sizeClass, ref ClassState state)
    {
        for (int bin = Bins - 1; bin >= 0; bin--)
        {
            int page = _bins.First((sizeClass * Bins) + bin);
            if (page != PageList.None)
            {
                _bins.Remove(page);
                return page;
            }
        }

        int taken = _pages.Take(sizeClass);
        PageBytes += (long)state.UnitsPerPage * PageTable.UnitSize;
        return taken;
    }

    // The blocks at the bottom of the magazine are the coldest.
    private void Drain(int sizeClass, int count)
    {
        ref ClassState state = ref _classes[sizeClass];
        if (count == 0)
        {
            return;
        }

        for (int i = 0; i < count; i++)
        {
            ReturnToPage(sizeClass, ref state, state.Magazine![i]);
        }

        state.MagazineCount -= count;
        Array.Copy(state.Magazine!, count, state.Magazine!, 0, state.MagazineCount);
    }

    private void ReturnToPage(int sizeClass, ref ClassState state, long address)
    {
        int number = PageTable.PageOf(address, state.UnitsPerPage);
        ref PageInfo page = ref _pages[number];
        Span<byte> bytes = _segments.From(address);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, FreeMark);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[sizeof(uint)..], page.FreeBlock);
        page.FreeBlock = (int)((address - PageTable.AddressOf(number)) * EntryAddress.GranuleSize / state.Size);
        page.LiveBlocks--;
        state.FreedBlocks++;
        FreedBytes += state.Size;

        if (page.LiveBlocks == 0)
        {
            ReleasePage(number, ref page, ref state);
        }
        else if (number != state.CurrentPage && number != EvacuatedPage)
        {
            MoveToBin(sizeClass, number, ref page, ref state);
        }
    }

    private void MoveToBin(int sizeClass, int number, ref PageInfo page, ref ClassState state)
    {
        int list = (sizeClass * Bins) + (int)((long)page.LiveBlocks * Bins / state.BlocksPerPage);
        if (page.List == list)
        {
            return;
        }

        if (page.List != PageList.None)
        {
            _bins.Remove(number);
        }

        _bins.Add(list, number);
    }

    private void ReleasePage(int number, ref PageInfo page, ref ClassState state)
    {
        if (page.List != PageList.None)
        {
            _bins.Remove(number);
        }

        if (number == EvacuatedPage)
        {
            EvacuatedPage = PageList.None;
        }

        if (number == state.CurrentPage)
        {
            state.CurrentPage = PageList.None;
        }

        state.FreedBlocks -= page.UsedBlocks;
        FreedBytes -= (long)page.UsedBlocks * state.Size;
        PageBytes -= (long)state.UnitsPerPage * PageTable.UnitSize;
        _pages.Release(number);
    }

    private struct ClassState
    {
        public int Size;
        public int BlocksPerPage;
        public int UnitsPerPage;
        public int CurrentPage;
        public int FreedBlocks;
        public int MagazineCount;
        public long[]? Magazine;
    }
}
