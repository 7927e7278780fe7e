using System.Buffers;
using System.Buffers.Binary;
using EmbeddedRepl.Storage;
using EmbeddedRepl.StoreStress.Model;

namespace EmbeddedRepl.StoreStress.Workers;

/// <summary>Changes the store in every way there is, each time under the gate, and tells the model before and after.</summary>
internal sealed class Writer(StressRound round, int seed)
{
    private const long Window = 200;

    /// <summary>Entries of one burst, and how many of them are there at a time.</summary>
    private const int Burst = 20_000;

    private const int AtATime = 3_000;

    /// <summary>Entries that make the index split all its blocks, and those again.</summary>
    private const int Growth = 40_000;

    private readonly Random _random = new(seed);
    private readonly byte[] _value = new byte[round.Plan.MaxLength + StressValue.MinLength];
    private readonly List<byte[]> _expired = [];
    private int _fillers;

    /// <summary>Fills most keys, before anybody else is there: a short round on a busy machine would find a store that is nearly empty.</summary>
    public void Fill()
    {
        lock (round.Gate)
        {
            for (int key = 0; key < round.Plan.Keys; key++)
            {
                if (_random.Next(8) > 0)
                {
                    Set(key);
                }
            }
        }
    }

    public void Run()
    {
        using var counts = new LocalCounts(round.Counts);
        while (!round.IsDone)
        {
            if (round.IsGateWanted)
            {
                Thread.Sleep(0);
                continue;
            }

            lock (round.Gate)
            {
                counts.Add(Write());
                if (round.Store.UsedBytes > round.Store.MaxBytes)
                {
                    round.Fail($"{round.Store.UsedBytes} bytes are used of {round.Store.MaxBytes}");
                }
            }
        }
    }

    private string Write()
    {
        int key = _random.Next(round.Plan.Keys);
        int choice = _random.Next(10_000);
        if (choice < round.Plan.Replacements)
        {
            return _random.Next(3) == 0 ? Clear() : Swap();
        }

        return choice switch
        {
            < 400 when _random.Next(20) == 0 => _random.Next(2) == 0 ? Churn(Burst, AtATime) : Churn(Growth, Growth),
            < 6_500 => Set(key),
            < 8_500 => Remove(key, "removals"),
            < 9_300 when round.Plan.Expires => Touch(),
            < 9_700 when round.Plan.Expires => Expire(),
            < 9_900 when round.Plan.IsLimited => ChangeLimit(),
            _ => Maintain(),
        };
    }

    private string Set(int key)
    {
        CacheStore store = round.Store;
        long offset = round.NextOffset();
        int length = StressValue.MinLength + _random.Next(round.Plan.MaxLength - StressValue.MinLength);
        EntryExpiration expiration = DrawExpiration();
        Span<byte> value = _value.AsSpan(0, length);
        StressValue.Fill(value, key, offset);
        StoreKey made = store.MakeKey(round.Names.Bytes(key));
        if (!MakeRoom(store, CacheStore.EntrySize(made.Bytes.Length, length, expiration)))
        {
            return "sets that could not fit";
        }

        KeyState before = round.Registers.Current(key);
        CheckSilence(store, key, before);
        round.Registers.Announce(key, new KeyState(offset, offset, expiration));
        try
        {
            if (_random.Next(4) == 0 && length > 1)
            {
                int cut = _random.Next(1, length);
                store.Set(made, Sequence(_value.AsMemory(0, cut), _value.AsMemory(cut, length - cut)), expiration, offset, offset);
            }
            else
            {
                store.Set(made, value, expiration, offset, offset);
            }

            return "sets";
        }
        catch (StoreFullException)
        {
            // Nothing has changed.
            round.Registers.Announce(key, before);
            return "sets refused for want of memory";
        }
        finally
        {
            round.Registers.Confirm(key);
        }
    }

    private EntryExpiration DrawExpiration()
    {
        long now = round.Clock.Now;
        return !round.Plan.Expires ? EntryExpiration.None : _random.Next(4) switch
        {
            0 => new EntryExpiration(now + _random.Next(1, 500), 0, 0),
            1 => new EntryExpiration(now + Window, Window, 0),
            2 => new EntryExpiration(now + Window, Window, now + 600),
            _ => EntryExpiration.None,
        };
    }

    // As a master does it: what is over the target goes, a few at a time, and then what is in the way.
    private bool MakeRoom(CacheStore store, int size)
    {
        if (store.MaxBytes == long.MaxValue)
        {
            return true;
        }

        if (!store.CouldHold(size))
        {
            return false;
        }

        for (int i = 0; i < 4 && store.IsOverTarget && Evict(store); i++)
        {
        }

        while (!store.HasRoomFor(size) && (store.CompactForRoom() || Evict(store)))
        {
        }

        return true;
    }

    private bool Evict(CacheStore store)
    {
        if (!store.TryChooseVictim(out EvictionCandidate victim))
        {
            return false;
        }

        int key = round.Names.NumberOf(store.KeyOf(victim));
        if (key < 0 || round.Registers.Current(key).IsAbsent)
        {
            round.Fail($"a victim that is not there: {key}");
            return false;
        }

        round.Registers.Announce(key, KeyState.Absent);
        store.Evict(victim);
        round.Registers.Confirm(key);
        round.Counts.Add("evictions");
        return true;
    }

    /// <summary>What nobody reads is not extended: a late reader of another entry must not reach it.</summary>
    private void CheckSilence(CacheStore store, int key, in KeyState state)
    {
        if (KeyNames.IsSilent(key) && !state.IsAbsent
            && store.TryGetMetadata(store.MakeKey(round.Names.Bytes(key)), out EntryMetadata metadata) == ReadOutcome.Hit && metadata.EffectiveDeadline != state.Expiration.Deadline)
        {
            round.Fail($"key {key} was never read, and was extended from {state} to {metadata.EffectiveDeadline}");
        }
    }

    private string Remove(int key, string kind)
    {
        KeyState before = round.Registers.Current(key);
        CheckSilence(round.Store, key, before);
        round.Registers.Announce(key, KeyState.Absent);
        bool removed = round.Store.Remove(round.Store.MakeKey(round.Names.Bytes(key)));
        round.Registers.Confirm(key);
        if (removed == before.IsAbsent)
        {
            round.Fail($"key {key}: removed is {removed} where the state was {before}");
        }

        return kind;
    }

    private string Touch()
    {
        CacheStore store = round.Store;
        for (int i = 0; i < 8 && store.TryDequeueTouch(out PendingTouch touch); i++)
        {
            if (round.Plan.LosesTouches)
            {
                continue;
            }

            int key = round.Names.NumberOf(touch.Key);
            KeyState state = round.Registers.Current(key);
            EntryExpiration expiration = state.Expiration;
            long deadline = expiration.AbsoluteCap == 0 ? touch.Deadline : Math.Min(touch.Deadline, expiration.AbsoluteCap);
            bool isExpected = expiration.IsSliding && state.Offset == touch.Version && deadline > expiration.Deadline;
            long offset = round.NextOffset();
            if (isExpected)
            {
                round.Registers.Announce(key, state with { LastChange = offset, Expiration = expiration with { Deadline = deadline } });
            }

            if (store.ApplyTouch(store.MakeKey(touch.Key), touch.Version, touch.Deadline, offset) != isExpected)
            {
                round.Fail($"key {key}: a touch of version {touch.Version} to {touch.Deadline} on {state} was {(isExpected ? "refused" : "applied")}");
            }

            if (isExpected)
            {
                round.Registers.Confirm(key);
            }
        }

        return "rounds of touches";
    }

    private string Expire()
    {
        round.Clock.Now += _random.Next(1, 20);
        _expired.Clear();
        long now = round.Clock.Now;
        round.Store.CollectExpired(now, 2_000, _expired);
        foreach (byte[] bytes in _expired)
        {
            int key = round.Names.NumberOf(bytes);
            KeyState state = round.Registers.Current(key);
            if (!state.MayBeMissed(now, round.Registers.LastRead(key, state.Offset)))
            {
                round.Fail($"key {key}: {state} is called expired at {now - StressClock.Origin}, last read {round.Registers.LastRead(key, state.Offset) - StressClock.Origin}");
            }

            Remove(key, "");
        }

        round.Counts.Add("expirations", _expired.Count);
        return "sweeps for expired entries";
    }

    private string ChangeLimit()
    {
        if (_random.Next(8) == 0)
        {
            bool isOff = round.Limit == long.MaxValue;
            if (isOff)
            {
                // A limit is set below what is there only where somebody evicts; here each write is checked against it.
                while (round.Store.UsedBytes > RoundPlan.Limit - (1 << 20) && RemoveAny())
                {
                    while (round.Store.Maintain())
                    {
                    }
                }

                if (round.Store.UsedBytes > RoundPlan.Limit - (1 << 20))
                {
                    return "limits that could not be set";
                }
            }

            round.Limit = isOff ? RoundPlan.Limit : long.MaxValue;
            return "changes of the limit";
        }

        for (int i = 0; i < 4 && Evict(round.Store); i++)
        {
        }

        return "rounds of eviction";
    }

    private bool RemoveAny()
    {
        for (int key = 0; key < round.Plan.Keys; key++)
        {
            if (!round.Registers.Current(key).IsAbsent)
            {
                Remove(key, "");
                return true;
            }
        }

        return false;
    }

    private string Maintain()
    {
        round.Store.Maintain();
        return "rounds of maintenance";
    }

    /// <summary>Fills blocks of the index with what is removed again at once, so that they are split and rebuilt and their memory is used for others, several times while a reader is held up.</summary>
    /// <param name="burst">How many entries come.</param>
    /// <param name="atATime">How many of them are there at a time.</param>
    private string Churn(int burst, int atATime)
    {
        CacheStore store = round.Store;
        int first = _fillers;
        int gone = first;
        Span<byte> key = stackalloc byte[sizeof(int) + 1];
        key[0] = (byte)'#';
        try
        {
            for (; _fillers < first + burst; _fillers++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(key[1..], _fillers);
                long offset = round.NextOffset();
                store.Set(store.MakeKey(key), [1], EntryExpiration.None, offset, offset);
                if (_fillers - gone >= atATime)
                {
                    BinaryPrimitives.WriteInt32LittleEndian(key[1..], gone++);
                    store.Remove(store.MakeKey(key));
                }
            }
        }
        catch (StoreFullException)
        {
            // There is no room for more under this limit.
        }

        if (burst == atATime)
        {
            // Splits alone bump no more stripes than they must; who was held up meanwhile goes on before removals bump them all.
            Thread.Sleep(2);
        }

        for (; gone < _fillers; gone++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(key[1..], gone);
            store.Remove(store.MakeKey(key));
        }

        return "bursts of entries that come and go";
    }

    private string Clear()
    {
        AnnounceAll();
        round.DataChanges();
        round.Store.Clear();
        round.DataChanges();
        ConfirmAll();
        return "clears";
    }

    private string Swap()
    {
        CacheStore store = round.NewStore();
        List<(int Key, KeyState State)> loaded = [];
        for (int i = 0; i < Math.Min(round.Plan.Keys, 200); i++)
        {
            int key = _random.Next(round.Plan.Keys);
            long offset = round.NextOffset();
            int length = StressValue.MinLength + _random.Next(Math.Min(round.Plan.MaxLength - StressValue.MinLength, 10_000));
            EntryExpiration expiration = DrawExpiration();
            Span<byte> value = _value.AsSpan(0, length);
            StressValue.Fill(value, key, offset);
            try
            {
                store.Set(store.MakeKey(round.Names.Bytes(key)), value, expiration, offset, offset);
            }
            catch (StoreFullException)
            {
                break;
            }

            loaded.RemoveAll(entry => entry.Key == key);
            loaded.Add((key, new KeyState(offset, offset, expiration)));
        }

        var states = loaded.ToDictionary(entry => entry.Key, entry => entry.State);
        for (int key = 0; key < round.Plan.Keys; key++)
        {
            round.Registers.Announce(key, states.GetValueOrDefault(key));
        }

        round.DataChanges();
        round.Swap(store);
        round.DataChanges();
        ConfirmAll();
        return "swaps";
    }

    private void AnnounceAll()
    {
        for (int key = 0; key < round.Plan.Keys; key++)
        {
            round.Registers.Announce(key, KeyState.Absent);
        }
    }

    private void ConfirmAll()
    {
        for (int key = 0; key < round.Plan.Keys; key++)
        {
            round.Registers.Confirm(key);
        }
    }

    private static ReadOnlySequence<byte> Sequence(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second)
    {
        var start = new Segment(first, 0);
        var end = new Segment(second, first.Length);
        start.Append(end);
        return new ReadOnlySequence<byte>(start, 0, end, second.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long index)
        {
            Memory = memory;
            RunningIndex = index;
        }

        public void Append(Segment next) => Next = next;
    }
}
