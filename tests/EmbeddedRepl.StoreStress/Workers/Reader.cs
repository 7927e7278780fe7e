using EmbeddedRepl.Storage;
using EmbeddedRepl.StoreStress.Model;

namespace EmbeddedRepl.StoreStress.Workers;

/// <summary>Reads keys in every way there is and judges what it gets: a value that was current at some moment during the read, whole, and never older than what it has seen before.</summary>
internal sealed class Reader(StressRound round, int seed)
{
    private readonly Random _random = new(seed);
    private readonly byte[] _buffer = new byte[round.Plan.MaxLength + StressValue.MinLength];
    private readonly HeldWriter _writer = new(round);
    private readonly long[] _seen = new long[round.Plan.Keys];
    private readonly Func<KeyState, (long Offset, long Begin), bool> _mayBeSeen = (state, read) => state.Offset == read.Offset && state.MayBeSeen(read.Begin);
    private readonly Func<KeyState, (long End, long LastRead, long LastOffset), bool> _mayBeMissed =
        (state, read) => state.MayBeMissed(read.End, state.Offset == read.LastOffset ? read.LastRead : 0);

    /// <summary>How a read can be made.</summary>
    private enum Way
    {
        Span,
        Writer,
        Array,
        Entry,
        TooSmall,
        Touch,
        Metadata,
        Version,
    }

    public void Run()
    {
        using var counts = new LocalCounts(round.Counts);
        int ways = Enum.GetValues<Way>().Length;
        while (!round.IsDone)
        {
            // The usual ways more often than the others.
            Way way = (Way)_random.Next(_random.Next(2) == 0 ? 4 : ways);
            if (round.WatchedKeys is { } watched)
            {
                counts.Add(Read(watched[_random.Next(watched.Length)], Way.Writer));
                continue;
            }

            int key = _random.Next(round.Plan.Keys);
            counts.Add(Read(key, KeyNames.IsSilent(key) ? (Way)_random.Next((int)Way.Metadata, ways) : way));
        }
    }

    private string Read(int key, Way way)
    {
        long from = Math.Max(round.Registers.Confirmed(key), _seen[key]);
        KeyState known = default;
        long lastRead = 0;
        if (round.Plan.Expires)
        {
            // Whatever offset it is of, it was noted before this read began.
            (known, lastRead) = LastReadOf(key, from);
        }

        long begin = round.Clock.Now;
        Interlocked.MemoryBarrier();
        (ReadOutcome outcome, long? offset, string? wrong) = ReadStore(key, way);
        Interlocked.MemoryBarrier();
        long end = round.Clock.Now;
        if (wrong is not null)
        {
            round.Fail($"key {key}, {way}: {wrong}");
            return "reads wrong";
        }

        if (outcome == ReadOutcome.Retired)
        {
            return "reads of a store that was retired";
        }

        long found = outcome == ReadOutcome.Miss
            ? round.Registers.FindFirst(key, from, (end, lastRead, known.Offset), _mayBeMissed)
            : offset is { } seen
                ? round.Registers.FindFirst(key, from, (seen, way is Way.Metadata ? long.MinValue : begin), _mayBeSeen)
                : round.Registers.FindFirst(key, from, begin, static (state, at) => state.MayBeSeen(at));
        if (found == -2)
        {
            return "reads that cannot be judged";
        }

        if (found < 0)
        {
            round.Fail($"key {key}, {way}: {outcome} of offset {offset} at {begin - StressClock.Origin} to {end - StressClock.Origin} ms was not current at any moment of the read; the states from {from} on are {Describe(key, from)}, last read {lastRead - StressClock.Origin}");
            return "reads wrong";
        }

        _seen[key] = found;
        if (outcome == ReadOutcome.Hit && offset is { } read && way is not (Way.Metadata or Way.Version) && round.Plan.Expires)
        {
            round.Registers.NoteRead(key, read, begin);
        }

        return outcome switch
        {
            ReadOutcome.Hit => way is Way.Metadata or Way.Version or Way.Touch ? "reads of metadata, touches" : "reads that hit",
            ReadOutcome.Miss => "reads that miss",
            _ => "reads into too small a buffer",
        };
    }

    private (KeyState State, long LastRead) LastReadOf(int key, long from)
    {
        // The state that is confirmed; a later one simply has no last read for this reader.
        KeyState state = default;
        round.Registers.FindFirst(key, from, 0, (candidate, _) =>
        {
            state = candidate;
            return true;
        });
        return (state, state.IsAbsent ? 0 : round.Registers.LastRead(key, state.Offset));
    }

    private string Describe(int key, long from)
    {
        List<string> states = [];
        round.Registers.FindFirst(key, from, states, static (state, list) =>
        {
            list.Add(state.ToString());
            return false;
        });
        return string.Join(", ", states);
    }

    // The offset that was seen, if the way tells one; and what is wrong with the read in itself.
    private (ReadOutcome Outcome, long? Offset, string? Wrong) ReadStore(int key, Way way)
    {
        CacheStore store = round.Store;
        string name = round.Names.Text(key);
        switch (way)
        {
            case Way.Span:
                return Check(key, store.TryGet(name, _buffer, out int length), _buffer.AsSpan(0, length));
            case Way.Writer:
                _writer.Reset();
                return Check(key, store.TryGet(name, _writer), _writer.Written);
            case Way.Array:
                return Check(key, store.Get(name, out byte[]? array), array);
            case Way.Entry:
                return CheckEntry(store, key, store.GetEntry(name, out byte[]? value, out EntryVersion version), value, version);
            case Way.TooSmall:
                ReadOutcome outcome = store.TryGet(name, _buffer.AsSpan(0, StressValue.MinLength - 1), out int needed);
                return (outcome, null, outcome switch
                {
                    ReadOutcome.Hit => "a hit in a buffer that is too small for any value",
                    ReadOutcome.DestinationTooSmall when needed < StressValue.MinLength || needed > _buffer.Length => $"a length of {needed} that no value has",
                    ReadOutcome.Miss when needed != 0 => "a length of a miss",
                    _ => null,
                });
            case Way.Touch:
                return (store.Touch(name), null, null);
            case Way.Metadata:
                ReadOutcome seen = store.TryGetMetadata(name, out EntryMetadata metadata);
                return (seen, metadata.Version, seen == ReadOutcome.Hit && metadata.KeyLength != round.Names.Bytes(key).Length ? $"a key of {metadata.KeyLength} bytes" : null);
            default:
                EntryVersion current = store.VersionOf(store.MakeKey(round.Names.Bytes(key)));
                return store.IsRetired
                    ? (ReadOutcome.Retired, null, null)
                    : current.IsNone ? (ReadOutcome.Miss, null, null) : (ReadOutcome.Hit, current.Offset, null);
        }
    }

    private static (ReadOutcome Outcome, long? Offset, string? Wrong) Check(int key, ReadOutcome outcome, ReadOnlySpan<byte> value)
    {
        if (outcome != ReadOutcome.Hit)
        {
            return (outcome, null, outcome == ReadOutcome.DestinationTooSmall ? "the buffer is said to be too small" : value.IsEmpty ? null : "bytes without a hit");
        }

        long? offset = StressValue.OffsetOf(key, value);
        return (outcome, offset, offset is null ? $"{value.Length} bytes that are torn, or of another key" : null);
    }

    private (ReadOutcome Outcome, long? Offset, string? Wrong) CheckEntry(CacheStore store, int key, ReadOutcome outcome, byte[]? value, EntryVersion version)
    {
        (ReadOutcome Outcome, long? Offset, string? Wrong) read = Check(key, outcome, value);
        if (outcome != ReadOutcome.Hit || read.Wrong is not null)
        {
            return read;
        }

        EntryVersion expected = store.VersionFor([.. round.Names.Bytes(key), .. value!], round.Names.Bytes(key).Length, read.Offset!.Value);
        return expected == version ? read : (outcome, read.Offset, $"a value of version {expected} with the version {version}");
    }
}
