using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Simulation.Engine;

/// <summary>
/// Memory for the stores of one seed, which the next seed of the same thread takes over: a seed starts dozens of stores, and to get the 5 MiB that each takes at least from the system, and to collect them
/// afterwards, was a sixth of the time of a run. What was handed out comes back when the seed is over, also that of processes which died and of data sets that were dropped half-built. The content of a
/// segment or slab is undefined at first, here as in a service; with this it is what an earlier store left there. For one thread.
/// </summary>
internal sealed class SeedMemory : SegmentPool, IDisposable
{
    [ThreadStatic]
    private static Stock? _handedOn;

    private readonly Stock _stock = _handedOn ?? new Stock();
    private int _segments;
    private int _slabs;

    public SeedMemory() => _handedOn = null;

    /// <summary>Nothing: what is prepared on another thread might come when the memory is the next seed's.</summary>
    public override void Expect(long bytes)
    {
    }

    /// <summary>The seed is over, and nothing of it is used any more.</summary>
    public void Dispose() => _handedOn = _stock;

    /// <inheritdoc/>
    protected override byte[] NewSegment() => Next(_stock.Segments, ref _segments, base.NewSegment);

    /// <inheritdoc/>
    protected override ulong[] NewSlab() => Next(_stock.Slabs, ref _slabs, base.NewSlab);

    private static T Next<T>(List<T> stock, ref int used, Func<T> allocate)
    {
        if (used == stock.Count)
        {
            stock.Add(allocate());
        }

        return stock[used++];
    }

    private sealed class Stock
    {
        public List<byte[]> Segments { get; } = [];

        public List<ulong[]> Slabs { get; } = [];
    }
}
