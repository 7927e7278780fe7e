namespace EmbeddedRepl.Storage;

/// <summary>Heads of doubly linked lists of pages, linked through <see cref="PageInfo"/>. For the writer.</summary>
internal sealed class PageList
{
    /// <summary>No list, or no page.</summary>
    public const int None = -1;

    private readonly PageTable _pages;
    private readonly int[] _heads;

    public PageList(PageTable pages, int lists)
    {
        _pages = pages;
        _heads = new int[lists];
        Array.Fill(_heads, None);
    }

    /// <summary>The first page of a list, or <see cref="None"/>.</summary>
    public int First(int list) => _heads[list];

    /// <summary>Puts a page that is in no list at the front of one.</summary>
    public void Add(int list, int page)
    {
        ref PageInfo info = ref _pages[page];
        info.List = list;
        info.Previous = None;
        info.Next = _heads[list];
        if (info.Next != None)
        {
            _pages[info.Next].Previous = page;
        }

        _heads[list] = page;
    }

    /// <summary>Takes a page out of its list.</summary>
    public void Remove(int page)
    {
        ref PageInfo info = ref _pages[page];
        if (info.Previous == None)
        {
            _heads[info.List] = info.Next;
        }
        else
        {
            _pages[info.Previous].Next = info.Next;
        }

        if (info.Next != None)
        {
            _pages[info.Next].Previous = info.Previous;
        }

        info.List = None;
    }
}
