using System.Globalization;
using EmbeddedRepl.Storage;
using EmbeddedRepl.StoreStress.Model;

namespace EmbeddedRepl.StoreStress;

/// <summary>What one round of a run works on: a store, what is known about its keys, and what was found. The gate orders changes of the store and of the model.</summary>
internal sealed class StressRound
{
    private const int MaxFindings = 20;

    private static readonly StoreSeed Seed = new(0x0123456789ABCDEF, 0xFEDCBA9876543210);

    private readonly SegmentPool _pool;
    private readonly List<string> _findings = [];
    private long _limit;
    private long _nextOffset = 1;
    private long _dataEpoch;
    private int _isDone;
    private int[]? _watchedKeys;
    private int _heldReads;
    private int _missingEvacuations;
    private int _gateWanted;
    private CacheStore _store;

    /// <param name="plan">What happens in this round.</param>
    /// <param name="pool">Shared by all rounds, so that memory passes from store to store.</param>
    /// <param name="names">The keys.</param>
    public StressRound(RoundPlan plan, SegmentPool pool, KeyNames names)
    {
        Plan = plan;
        Names = names;
        Registers = new KeyRegisters(plan.Keys);
        _pool = pool;
        _limit = plan.IsLimited ? RoundPlan.Limit : long.MaxValue;
        _store = NewStore();
    }

    public RoundPlan Plan { get; }

    public KeyNames Names { get; }

    public KeyRegisters Registers { get; }

    public StressClock Clock { get; } = new();

    public Lock Gate { get; } = new();

    public StressCounts Counts { get; } = new();

    /// <summary>The store that is current. Any thread; replaced under the gate.</summary>
    public CacheStore Store => Volatile.Read(ref _store);

    /// <summary>The limit of the store. Under the gate.</summary>
    public long Limit
    {
        get => _limit;
        set
        {
            _limit = value;
            _store.MaxBytes = value;
        }
    }

    /// <summary>Changes before each clear or swap, and again after it.</summary>
    public long DataEpoch => Volatile.Read(ref _dataEpoch);

    /// <summary>The round is over.</summary>
    public bool IsDone
    {
        get => Volatile.Read(ref _isDone) != 0;
        set => Volatile.Write(ref _isDone, value ? 1 : 0);
    }

    /// <summary>Keys whose entries are about to be moved: readers read them, and hold what they have found until there are none any more. Null most of the time. Any thread.</summary>
    public int[]? WatchedKeys
    {
        get => Volatile.Read(ref _watchedKeys);
        set => Volatile.Write(ref _watchedKeys, value);
    }

    /// <summary>Reads that have found such a key's entry and wait. Any thread.</summary>
    public int HeldReads => Volatile.Read(ref _heldReads);

    /// <summary>So many evacuations are still to be made before the round may end, unless it takes far too long: on a busy machine its time is over after very few. Any thread.</summary>
    public int MissingEvacuations
    {
        get => Volatile.Read(ref _missingEvacuations);
        set => Volatile.Write(ref _missingEvacuations, value);
    }

    /// <summary>Somebody waits for the gate who would hardly ever get it beside writers that never rest: they let it pass. Any thread.</summary>
    public bool IsGateWanted
    {
        get => Volatile.Read(ref _gateWanted) != 0;
        set => Volatile.Write(ref _gateWanted, value ? 1 : 0);
    }

    /// <summary>A read begins to wait, or goes on.</summary>
    public void ReadHeld(bool isHeld) => Interlocked.Add(ref _heldReads, isHeld ? 1 : -1);

    public IReadOnlyList<string> Findings
    {
        get
        {
            lock (_findings)
            {
                return [.. _findings];
            }
        }
    }

    /// <summary>An offset that was never used. Under the gate.</summary>
    public long NextOffset() => _nextOffset++;

    /// <summary>The last offset that was used. Any thread.</summary>
    public long LastOffset => Volatile.Read(ref _nextOffset) - 1;

    /// <summary>The data is about to be replaced, or has been. Under the gate.</summary>
    public void DataChanges() => Volatile.Write(ref _dataEpoch, _dataEpoch + 1);

    public CacheStore NewStore()
    {
        var store = new CacheStore(new StoreOptions { MaxBytes = _limit }, Seed, Clock, Gate, _pool);
        if (Plan.Lingers)
        {
            // Other threads run between the steps of a write far more often than they would by themselves.
            int step = 0;
            store.Probe.Paused = _ =>
            {
                if (++step % 64 == 0)
                {
                    Thread.Yield();
                }
            };
        }

        return store;
    }

    /// <summary>Puts a store in the place of the current one, which is retired. Under the gate.</summary>
    public void Swap(CacheStore store)
    {
        CacheStore old = _store;
        Volatile.Write(ref _store, store);
        old.Retire();
    }

    /// <summary>Notes that something is wrong; the round goes on for a moment, and fails.</summary>
    public void Fail(FormattableString what)
    {
        lock (_findings)
        {
            if (_findings.Count < MaxFindings)
            {
                _findings.Add(what.ToString(CultureInfo.InvariantCulture));
            }
        }

        IsDone = true;
    }
}
