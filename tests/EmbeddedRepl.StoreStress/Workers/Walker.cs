using EmbeddedRepl.Storage;
using EmbeddedRepl.StoreStress.Model;

namespace EmbeddedRepl.StoreStress.Workers;

/// <summary>
/// Iterates over the store beside the writers, by turns over keys and over whole entries as a snapshot does. What has not changed from the beginning to the end must have come, and exactly once
/// of the keys; what was not there all the time must not have come; each entry must have been in that state at some moment on the way.
/// </summary>
internal sealed class Walker(StressRound round, int seed)
{
    private readonly Random _random = new(seed);
    private readonly long[] _from = new long[round.Plan.Keys];
    private readonly int[] _times = new int[round.Plan.Keys];

    public void Run()
    {
        using var counts = new LocalCounts(round.Counts);
        while (!round.IsDone)
        {
            counts.Add(_random.Next(2) == 0 ? WalkKeys() : TakeSnapshot());
        }
    }

    private void Begin()
    {
        Array.Clear(_times);
        for (int key = 0; key < _from.Length; key++)
        {
            _from[key] = round.Registers.Confirmed(key);
        }
    }

    private string WalkKeys()
    {
        bool isPrefixed = _random.Next(3) == 0;
        long epoch = round.DataEpoch;
        Begin();
        KeyCursor cursor = round.Store.CreateKeyCursor(isPrefixed ? new KeyPrefix(KeyNames.Prefix).Bytes : []);
        List<byte[]> keys = [];
        while (!cursor.IsDone)
        {
            if (!cursor.Step(keys))
            {
                if (round.DataEpoch == epoch && !round.IsDone)
                {
                    round.Fail($"a walk over the keys ended although the data was not replaced");
                }

                return "walks over keys that were ended by a replacement";
            }
        }

        foreach (byte[] bytes in keys.Where(bytes => !KeyNames.IsFiller(bytes)))
        {
            int key = round.Names.NumberOf(bytes);
            if (key < 0)
            {
                round.Fail($"a walk over the keys brought one that there is not");
                return "walks wrong";
            }

            _times[key]++;
        }

        for (int key = 0; key < _from.Length; key++)
        {
            if (Unchanged(key) is { Expiration.Deadline: 0 } state)
            {
                int expected = state.IsAbsent || (isPrefixed && !round.Names.Text(key).StartsWith(KeyNames.Prefix, StringComparison.Ordinal)) ? 0 : 1;
                if (_times[key] != expected)
                {
                    round.Fail($"a walk over the keys brought key {key} {_times[key]} times, its state was {state} all the time");
                }
            }
        }

        return "walks over keys";
    }

    private string TakeSnapshot()
    {
        long since = _random.Next(3) == 0 ? round.LastOffset - _random.Next(1_000) : long.MinValue;
        Begin();
        SnapshotCursor cursor = round.Store.CreateSnapshotCursor(since);
        var sink = new Sink(round, _from, _times, since);
        int piece = _random.Next(1, 100_000);
        try
        {
            while (!round.IsDone && cursor.Read(sink, piece))
            {
            }
        }
        catch (InvalidOperationException) when (cursor.IsRetired)
        {
            return "snapshots ended by a swap";
        }

        if (round.IsDone)
        {
            return "snapshots ended by the end of the round";
        }

        for (int key = 0; key < _from.Length; key++)
        {
            if (Unchanged(key) is { } state)
            {
                // Of entries that do not slide only the set counts as a change; they cannot be touched.
                bool isExpected = !state.IsAbsent && state.LastChange >= since;
                if (_times[key] > 0 != isExpected)
                {
                    round.Fail($"a snapshot of what changed since {since} brought key {key} {_times[key]} times, its state was {state} all the time");
                }
            }
        }

        return since == long.MinValue ? "snapshots" : "snapshots of changes";
    }

    /// <summary>The state of a key if it had that one from the beginning of the walk until now.</summary>
    private KeyState? Unchanged(int key)
    {
        KeyState state = default;
        long found = round.Registers.FindFirst(key, _from[key], 0, (candidate, _) =>
        {
            state = candidate;
            return true;
        });
        return found == _from[key] && round.Registers.Announced(key) == _from[key] ? state : null;
    }

    private sealed class Sink(StressRound round, long[] from, int[] times, long since) : ISnapshotSink
    {
        public void Entry(in SnapshotEntry entry)
        {
            if (KeyNames.IsFiller(entry.Key))
            {
                return;
            }

            int key = round.Names.NumberOf(entry.Key);
            long? offset = key < 0 ? null : StressValue.OffsetOf(key, entry.Value);
            if (offset is null || offset != entry.Version || entry.LastChange < since)
            {
                round.Fail($"a snapshot since {since} brought an entry of key {key}, offset {offset}, version {entry.Version}, last change {entry.LastChange}, {entry.Value.Length} bytes");
                return;
            }

            times[key]++;
            var seen = new KeyState(entry.Version, entry.LastChange, entry.Expiration);

            // A touch that is just being made stores the deadline before the last change: with a new deadline the last change may be the one before.
            long found = round.Registers.FindFirst(key, from[key], seen, static (state, wanted) =>
                state == wanted || (state.Expiration.IsSliding && state with { LastChange = wanted.LastChange } == wanted && wanted.LastChange < state.LastChange));
            if (found == -1)
            {
                round.Fail($"a snapshot brought key {key} as {seen}, which was not current at any moment since it began");
            }
        }
    }
}
