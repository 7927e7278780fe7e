namespace EmbeddedRepl.Storage;

/// <summary>
/// Cuts shared segments into pages: a segment has 4 groups of 1 MiB, a group is one page of larger blocks or 8 units of 128 KiB, each a page
/// of smaller ones. Free groups and units serve any class; a wholly free segment goes back to the pool, except one, which is kept
/// so that a store at a segment's edge does not take and return it again and again. For the writer.
/// </summary>
internal sealed class PageTable
{
    /// <summary>Size of a unit in bytes.</summary>
    public const int UnitSize = 128 << 10;

    /// <summary>Units in a group.</summary>
    public const int UnitsPerGroup = 8;

    private const int UnitsPerSegment = EntryAddress.SegmentSize / UnitSize;
    private const int GroupsPerSegment = UnitsPerSegment / UnitsPerGroup;
    private const int FreeUnitList = 0;
    private const int FreeGroupList = 1;

    private readonly SegmentTable _segments;
    private readonly SegmentPool _pool;
    private readonly MemoryBudget _budget;
    private readonly PageList _free;
    private PageInfo[]?[] _infos = new PageInfo[]?[16];
    private int _freeSegments;

    public PageTable(SegmentTable segments, SegmentPool pool, MemoryBudget budget)
    {
        _segments = segments;
        _pool = pool;
        _budget = budget;
        _free = new PageList(this, FreeGroupList + 1);
    }

    /// <summary>The page's or unit's state.</summary>
    public ref PageInfo this[int page] => ref _infos[page / UnitsPerSegment]![page % UnitsPerSegment];

    /// <summary>The page that a block of a class lies in.</summary>
    public static int PageOf(long address, int unitsPerPage)
    {
        int page = (EntryAddress.SegmentOf(address) * UnitsPerSegment) + (EntryAddress.OffsetOf(address) / UnitSize);
        return page & ~(unitsPerPage - 1);
    }

    /// <summary>The address of the first byte of a page.</summary>
    public static long AddressOf(int page) => EntryAddress.Of(page / UnitsPerSegment, page % UnitsPerSegment * UnitSize);

    /// <summary>Takes a free page.</summary>
    /// <exception cref="StoreFullException">The limit is reached; nothing has changed.</exception>
    public int Take(int sizeClass)
    {
        int units = SizeClasses.UnitsPerPage(sizeClass);
        _budget.Take((long)units * UnitSize);
        try
        {
            int page = units == 1 ? TakeUnit() : TakeGroup();
            this[page] = this[page] with { SizeClass = sizeClass, LiveBlocks = 0, UsedBlocks = 0, FreeBlock = -1, List = PageList.None };
            return page;
        }
        catch (StoreFullException)
        {
            _budget.Release((long)units * UnitSize);
            throw;
        }
    }

    /// <summary>Gives an empty page back. No stale reader may trust what is in it any more.</summary>
    public void Release(int page)
    {
        int units = SizeClasses.UnitsPerPage(this[page].SizeClass);
        this[page].SizeClass = 0;
        _budget.Release((long)units * UnitSize);
        if (units == 1)
        {
            ReleaseUnit(page);
        }
        else
        {
            ReleaseGroup(page);
        }
    }

    private int TakeUnit()
    {
        int unit = _free.First(FreeUnitList);
        if (unit == PageList.None)
        {
            int group = TakeGroup();
            this[group].FreeUnits = UnitsPerGroup;
            for (int i = UnitsPerGroup - 1; i >= 0; i--)
            {
                _free.Add(FreeUnitList, group + i);
            }

            unit = group;
        }

        _free.Remove(unit);
        this[unit & ~(UnitsPerGroup - 1)].FreeUnits--;
        return unit;
    }

    private void ReleaseUnit(int unit)
    {
        int group = unit & ~(UnitsPerGroup - 1);
        _free.Add(FreeUnitList, unit);
        if (++this[group].FreeUnits == UnitsPerGroup)
        {
            for (int i = 0; i < UnitsPerGroup; i++)
            {
                _free.Remove(group + i);
            }

            ReleaseGroup(group);
        }
    }

    private int TakeGroup()
    {
        if (_free.First(FreeGroupList) == PageList.None)
        {
            AddSegment();
        }

        int group = _free.First(FreeGroupList);
        if (CountFreeGroups(group / UnitsPerSegment) == GroupsPerSegment)
        {
            _freeSegments--;
        }

        _free.Remove(group);
        return group;
    }

    private void ReleaseGroup(int group)
    {
        _free.Add(FreeGroupList, group);
        int segment = group / UnitsPerSegment;
        if (CountFreeGroups(segment) < GroupsPerSegment)
        {
            return;
        }

        if (_freeSegments == 0)
        {
            _freeSegments = 1;
            return;
        }

        for (int i = 0; i < GroupsPerSegment; i++)
        {
            _free.Remove((segment * UnitsPerSegment) + (i * UnitsPerGroup));
        }

        _infos[segment] = null;
        _pool.Return(_segments.Remove(segment));
    }

    private int CountFreeGroups(int segment)
    {
        int count = 0;
        for (int i = 0; i < GroupsPerSegment; i++)
        {
            count += _infos[segment]![i * UnitsPerGroup].List == FreeGroupList ? 1 : 0;
        }

        return count;
    }

    private void AddSegment()
    {
        _segments.EnsureNumber();
        int segment = _segments.Add(_pool.RentSegment());
        if (segment >= _infos.Length)
        {
            Array.Resize(ref _infos, Math.Max(segment + 1, _infos.Length * 2));
        }

        PageInfo[] infos = new PageInfo[UnitsPerSegment];
        Array.Fill(infos, new PageInfo { List = PageList.None });
        _infos[segment] = infos;
        _freeSegments++;
        for (int i = GroupsPerSegment - 1; i >= 0; i--)
        {
            _free.Add(FreeGroupList, (segment * UnitsPerSegment) + (i * UnitsPerGroup));
        }
    }
}
