using System.Buffers;
using System.Globalization;
using System.Text;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Model;
using EmbeddedRepl.Storage;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>
/// One seed of the store alone. A cluster in one thread cannot show what a reader sees while a writer is at work, so here writers work in the middle of reads: the writer that a read copies into
/// calls them (<see cref="MeddlingWriter"/>), the sink of a snapshot does, and reads are made between the steps of writes (<see cref="WriterProbe"/>). What is read must be a state that the
/// entry had between the beginning and the end of the read.
/// </summary>
internal sealed class StoreScenario
{
    private const int Keys = 40;
    private const int FillerSize = 300;

    private readonly SeededRandom _random;
    private readonly Situations _situations;
    private readonly ManualTimeProvider _clock = new();
    private readonly Lock _gate = new();
    private readonly CacheStore _store;
    private readonly StoreStates _states;
    private readonly bool _isLarge;
    private long _offset;
    private int _fillers;

    private StoreScenario(ulong seed, Situations situations, SeedMemory? memory)
    {
        _random = new SeededRandom(ulong.RotateLeft(seed, 17) ^ 0x5BD1E995);
        _situations = situations;
        _states = new StoreStates(() => _clock.GetUtcNow().ToUnixTimeMilliseconds());
        _isLarge = seed % 10 == 3;

        // The short way of a read is there only with the hash that takes the processor's AES instructions.
        _store = new CacheStore(new StoreOptions { UsesAesHash = seed % 2 == 0 }, new StoreSeed(_random.NextUInt64(), _random.NextUInt64()), _clock, _gate, memory);
        _store.Probe.Paused = step =>
        {
            if (step == WriterStep.IndexBlocksFilled)
            {
                _situations.Count("store: index block split or rebuilt");
            }

            ReadBetweenSteps();
        };
    }

    /// <exception cref="SimulationFailedException">A reader saw what was not so.</exception>
    public static void Run(ulong seed, Situations situations, SeedMemory? memory = null)
    {
        var scenario = new StoreScenario(seed, situations, memory);
        if (scenario._isLarge)
        {
            // Half of the index's first blocks are split by that, the others by what comes later, in the middle of reads.
            scenario.Fill(14_000);
            scenario.CheckDigest();
        }

        for (int key = 0; key < Keys; key++)
        {
            lock (scenario._gate)
            {
                scenario.Set(key);
            }
        }

        scenario.Play();
        scenario.CheckAtTheEnd();
    }

    private static string NameOf(int key) => key % 5 == 4
        ? string.Create(CultureInfo.InvariantCulture, $"a key that is too long for the short way of a read, number {key}")
        : string.Create(CultureInfo.InvariantCulture, $"usual-key-{key:00}");

    private void Play()
    {
        for (int i = _isLarge ? 40 : 120; i > 0; i--)
        {
            switch (_random.Next(12))
            {
                case < 6:
                    Change(_random.Next(Keys));
                    break;
                case < 10:
                    ReadMeddledWith(_random.Next(Keys));
                    break;
                case 10:
                    _clock.Advance(TimeSpan.FromMilliseconds(_random.Between(0, 20)));
                    break;
                default:
                    TakeSnapshot();
                    break;
            }
        }
    }

    private void Change(int key)
    {
        lock (_gate)
        {
            switch (_random.Next(40))
            {
                case < 30:
                    Set(key);
                    break;
                case < 35:
                    _states.Begin(key, null, 0);
                    _store.Remove(KeyOf(NameOf(key)));
                    _states.Complete(key);
                    break;
                case < 39:
                    _store.Maintain();
                    break;
                default:
                    if (_random.Chance(_isLarge ? 5 : 20))
                    {
                        // Afterwards nobody could tell whether an entry had been lost before.
                        CheckDigest();
                        _situations.Count("store: cleared");
                        _states.BeginClear();
                        _store.Clear();
                        _states.CompleteClear();
                    }

                    break;
            }
        }
    }

    private void Set(int key)
    {
        // Mostly as long as what fills the store, so that one takes the memory that another has left.
        byte[] value = new byte[_random.Chance(60) ? FillerSize : _random.Chance(5) ? _random.Between(40_000, 120_000) : _random.Scaled(1, 400)];
        _random.Fill(value);
        long deadline = _random.Chance(15) ? _clock.GetUtcNow().ToUnixTimeMilliseconds() + _random.Between(1, 60) : 0;
        _states.Begin(key, value, deadline);
        long version = ++_offset;
        _store.Set(KeyOf(NameOf(key)), value, new EntryExpiration(deadline, 0, 0), version, version);
        _states.Complete(key);
    }

    // Entries that nobody reads: they make the index grow, and take the memory that others have left.
    private void Fill(int count)
    {
        byte[] value = new byte[FillerSize];
        _random.Fill(value);
        lock (_gate)
        {
            for (int i = 0; i < count; i++)
            {
                long version = ++_offset;
                _store.Set(KeyOf(Filler(_fillers++)), value, default, version, version);
            }
        }
    }

    private void Thin(int percent)
    {
        lock (_gate)
        {
            for (int i = 0; i < _fillers; i++)
            {
                if (_random.Chance(percent))
                {
                    _store.Remove(KeyOf(Filler(i)));
                }
            }
        }
    }

    private static string Filler(int number) => string.Create(CultureInfo.InvariantCulture, $"filler-{number:000000}");

    private StoreKey KeyOf(string name)
    {
        byte[] bytes = new byte[name.Length * KeyCodec.MaxBytesPerChar];
        return _store.MakeKey(bytes.AsSpan(0, KeyCodec.Encode(name, bytes)));
    }

    private void ReadMeddledWith(int key)
    {
        StoreStates.Watch watch = _states.WatchFromNow(key);
        int times = _random.Next(3);
        var writer = new MeddlingWriter(() =>
        {
            if (times-- > 0)
            {
                Meddle(key);
            }
        });
        ReadOutcome outcome = _store.TryGet(NameOf(key), writer);
        _situations.Count(writer.Calls == 0 ? "store: read that found nothing" : writer.Calls == 1 ? "store: read that nothing disturbed" : "store: read that was disturbed and began anew");
        watch.Check(outcome == ReadOutcome.Hit ? writer.Written : null, NameOf(key));
    }

    private void Meddle(int key)
    {
        if (_isLarge && _random.Chance(15))
        {
            // More than there was before: blocks of the index are split.
            Fill(2_000);
            return;
        }

        if (_isLarge && _random.Chance(30))
        {
            // Compaction moves what is left, and others take its place.
            Thin(50);
            lock (_gate)
            {
                while (_store.Maintain())
                {
                }
            }

            Fill(2_000);
            return;
        }

        for (int i = _random.Next(6); i >= 0; i--)
        {
            // The entry that is being read, mostly; then others, which take its place in memory.
            Change(_random.Chance(40) ? key : _random.Next(Keys));
        }

        if (_random.Chance(50))
        {
            Fill(20);
        }
    }

    private void ReadBetweenSteps()
    {
        // The many writes that fill a large store are looked at less often.
        if (_random.Next(_isLarge ? 1_000 : 20) != 0)
        {
            return;
        }

        int key = _random.Next(Keys);
        StoreStates.Watch watch = _states.WatchFromNow(key);
        ReadOutcome outcome = _store.Get(NameOf(key), out byte[]? value);
        watch.Check(outcome == ReadOutcome.Hit ? value : null, NameOf(key));
        _situations.Count("store: read between two steps of a write");
    }

    private void TakeSnapshot()
    {
        StoreStates.Watch[] watches = [.. Enumerable.Range(0, Keys).Select(_states.WatchFromNow)];
        var names = Enumerable.Range(0, Keys).ToDictionary(NameOf);
        var seen = new HashSet<int>();
        SnapshotCursor cursor = _store.CreateSnapshotCursor();
        var sink = new Sink((key, value) =>
        {
            if (names.TryGetValue(Encoding.UTF8.GetString(key), out int number))
            {
                watches[number].CheckWritten(value.ToArray(), NameOf(number));
                seen.Add(number);
            }

            if (_random.Chance(_isLarge ? 1 : 20))
            {
                Change(_random.Next(Keys));
            }
        });
        while (cursor.Read(sink, 2_000))
        {
            Change(_random.Next(Keys));
        }

        for (int key = 0; key < Keys; key++)
        {
            if (!seen.Contains(key) && watches[key].WasThereAllTheTime)
            {
                throw new SimulationFailedException($"A snapshot left out '{NameOf(key)}', which was there from its beginning to its end.");
            }
        }

        _situations.Count("store: snapshot beside a writer");
    }

    private void CheckAtTheEnd()
    {
        _store.Probe.Paused = null;
        for (int key = 0; key < Keys; key++)
        {
            ReadOutcome outcome = _store.Get(NameOf(key), out byte[]? value);
            _states.WatchFromNow(key).Check(outcome == ReadOutcome.Hit ? value : null, NameOf(key));
        }

        CheckDigest();
    }

    private void CheckDigest()
    {
        lock (_gate)
        {
            StoreDigest recounted = _store.Recount(out long count);
            if (recounted != _store.Digest || count != _store.Count)
            {
                throw new SimulationFailedException($"The store's running digest or count ({_store.Count}) is not that of its {count} entries.");
            }
        }
    }

    private delegate void SinkAction(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

    private sealed class Sink(SinkAction action) : ISnapshotSink
    {
        public void Entry(in SnapshotEntry entry) => action(entry.Key, entry.Value);
    }
}
