using System.Buffers.Binary;
using EmbeddedRepl.Storage;
using EmbeddedRepl.StoreStress.Model;

namespace EmbeddedRepl.StoreStress.Workers;

/// <summary>
/// Makes the store move entries while readers hold what they have found, and fills the memory that the entries leave with others before the readers go on. By chance a reader hardly ever stands
/// still for as long as it takes to empty a page and to use it again, without anything else telling it that its entry has changed.
/// </summary>
internal sealed class Evacuator(StressRound round, int seed)
{
    private const int Watched = 200;
    private const int LeastEvacuations = 10;
    private const int Neighbours = 600;
    private const int IndexedEntries = 100_000;
    private const int LongestValue = 1_000;

    /// <summary>Length of the values that take the place of what was moved: of a class of their own, so that they begin new pages.</summary>
    private const int UsurperLength = 2_000;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly Random _random = new(seed);
    private readonly byte[] _value = new byte[UsurperLength];
    private readonly int _length = round.Plan.MaxLength;
    private int _number;

    public void Run()
    {
        int[] keys = [.. Enumerable.Range(0, round.Plan.Keys).Where(key => key % 8 is 3 or 4 or 6 or 7)];
        if (round.Plan.IsLimited || keys.Length < Watched || round.Plan.MaxLength > LongestValue)
        {
            // Under a limit others evict, and know of no entries but their own; and beside few entries, or large ones, there are emptier pages than those of the keys.
            return;
        }

        using var counts = new LocalCounts(round.Counts);
        round.MissingEvacuations = LeastEvacuations;
        while (!round.IsDone)
        {
            Thread.Sleep(Pause);
            _random.Shuffle(keys);
            counts.Add(Evacuate(keys[..Watched]));
            round.MissingEvacuations--;
        }
    }

    private string Evacuate(int[] keys)
    {
        CacheStore store;
        int first = _number;
        int neighbours;
        round.IsGateWanted = true;
        lock (round.Gate)
        {
            round.IsGateWanted = false;
            store = round.Store;

            // Or blocks of the index would be split and rebuilt all the time, which tells the readers of many stripes that something has changed.
            store.EnsureCapacity(IndexedEntries);
            SetWithNeighbours(store, keys);
            neighbours = _number;
            FreeNearlyEnough(store, keys[0]);
        }

        // Readers find the entries where they are now, and wait. On a busy machine that takes a while.
        round.WatchedKeys = keys;
        for (int i = 0; i < 500 && round.HeldReads < 2; i++)
        {
            Thread.Sleep(1);
        }

        round.IsGateWanted = true;
        lock (round.Gate)
        {
            round.IsGateWanted = false;
            if (round.Store == store)
            {
                Move(store, first, neighbours);
            }
        }

        round.WatchedKeys = null;
        Thread.Sleep(1);
        round.IsGateWanted = true;
        lock (round.Gate)
        {
            round.IsGateWanted = false;
            for (int i = first; i < _number && round.Store == store; i++)
            {
                store.Remove(Filler(store, i));
            }
        }

        return "evacuations under readers' eyes";
    }

    /// <summary>Lays the keys' entries onto a few pages, among others of the same size that will go.</summary>
    private void SetWithNeighbours(CacheStore store, int[] keys)
    {
        foreach (int key in keys)
        {
            long offset = round.NextOffset();
            round.Registers.Announce(key, new KeyState(offset, offset, EntryExpiration.None));
            StressValue.Fill(_value.AsSpan(0, _length), key, offset);
            store.Set(store.MakeKey(round.Names.Bytes(key)), _value.AsSpan(0, _length), EntryExpiration.None, offset, offset);
            round.Registers.Confirm(key);
            for (int i = 0; i < Neighbours / keys.Length; i++)
            {
                SetFiller(store, FillerLength(key));
            }
        }
    }

    /// <summary>Leaves other pages half empty, until nearly so much memory is free that entries are moved.</summary>
    private void FreeNearlyEnough(CacheStore store, int key)
    {
        int first = _number;

        // What is tolerated grows with what there is.
        for (long left = 3 * Tolerated(store); left > 0; left -= _length)
        {
            SetFiller(store, FillerLength(key));
        }

        for (int i = first; i < _number && store.Data.Allocator.FreedBytes < Tolerated(store) * 19 / 20; i += 2)
        {
            store.Remove(Filler(store, i));
        }
    }

    /// <summary>
    /// Has the keys' entries moved, since without their neighbours their pages are the emptiest, and their old memory used for others. Removals tell the readers of some stripes that something
    /// has changed; most of those who wait are told nothing but by the moves.
    /// </summary>
    private void Move(CacheStore store, int neighbour, int end)
    {
        for (; neighbour < end; neighbour++)
        {
            store.Remove(Filler(store, neighbour));
        }

        while (store.Maintain())
        {
        }

        // So many that they need all the memory that has become free.
        for (long left = 2 * Tolerated(store); left > 0; left -= UsurperLength)
        {
            SetFiller(store, UsurperLength);
        }
    }

    // As long together with its key as an entry of that key is.
    private int FillerLength(int key) => _length + round.Names.Bytes(key).Length - (sizeof(int) + 1);

    // What the compactor tolerates: see there. A wrong value makes evacuations rare, and a run in which there were none fails.
    private static long Tolerated(CacheStore store) => (1 << 20) + (store.Data.Allocator.PageBytes / 8);

    private void SetFiller(CacheStore store, int length)
    {
        long offset = round.NextOffset();
        store.Set(Filler(store, _number++), _value.AsSpan(0, length), EntryExpiration.None, offset, offset);
    }

    private static StoreKey Filler(CacheStore store, int number)
    {
        byte[] key = new byte[sizeof(int) + 1];
        key[0] = KeyNames.FillerPrefix;
        BinaryPrimitives.WriteInt32LittleEndian(key.AsSpan(1), number);
        return store.MakeKey(key);
    }
}
