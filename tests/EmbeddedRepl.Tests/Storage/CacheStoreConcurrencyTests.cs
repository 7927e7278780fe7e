using System.Buffers;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

/// <summary>Readers beside a writer that overwrites, removes, grows, compacts, clears and swaps; values are checksummed.</summary>
public class CacheStoreConcurrencyTests
{
    private const int Readers = 3;
    private const int Keys = 4_000;
    private const long Limit = 64 << 20;

    // Enough for a run of some seconds; set the variable for a long one.
    private static readonly int Operations = int.Parse(
        Environment.GetEnvironmentVariable("EMBEDDEDREPL_STRESS_OPERATIONS") ?? "120000", System.Globalization.CultureInfo.InvariantCulture);

    private readonly Lock _gate = new();
    private readonly SegmentPool _pool = new();
    // Short ones and usual ones: reads take another way for each.
    private readonly string[] _names = [.. Enumerable.Range(0, Keys).Select(i => i % 4 == 0 ? $"key-{i}" : $"a usual key-{i}")];
    private long _limit = long.MaxValue;
    private CacheStore _store;
    private int _running = 1;
    private long _hits;

    public CacheStoreConcurrencyTests() => _store = NewStore();

    [Theory]
    [Trait("Behaviour", "A6")]
    [InlineData(1, Keys, 300, false, false)]
    [InlineData(2, 8, 300, false, false)]
    [InlineData(3, Keys, 6_000, true, false)]
    [InlineData(4, 40, 400_000, true, false)]
    [InlineData(5, Keys, 300, true, true)]
    [InlineData(6, 8, 300, false, true)]
    public async Task Reads_BesideAWriterOfEveryKind_NeverSeeATornOrOlderValue(int seed, int keys, int maxLength, bool swaps, bool isLimited)
    {
        lock (_gate)
        {
            _limit = isLimited ? Limit : long.MaxValue;
            _store.MaxBytes = _limit;
        }

        Task[] readers = [.. Enumerable.Range(0, Readers).Select(i => Task.Factory.StartNew(
            () => ReadUntilDone(new Random(seed + i), keys), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        int operations = maxLength > 100_000 ? Operations / 100 : maxLength > 1_000 ? Operations / 4 : Operations;
        try
        {
            Write(new Random(-seed), keys, maxLength, operations, swaps);
        }
        finally
        {
            Volatile.Write(ref _running, 0);
            await Task.WhenAll(readers);
        }

        Assert.True(_hits > 0);
        lock (_gate)
        {
            Assert.Equal(_store.Digest, _store.Recount(out long count));
            Assert.Equal(_store.Count, count);
            IndexCheck.AssertSound(_store.Data, key => _store.MakeKey(key).Hash);
        }
    }

    [Fact]
    public async Task Reads_KeysThatAreNeverRemovedWhileTheIndexGrowsAndMemoryMoves_NeverMiss()
    {
        const int Stable = 2_000;
        for (int i = 0; i < Stable; i++)
        {
            Write(() => Set(_names[i], CheckedValue.Create(i, 1, i % 300)));
        }

        Task[] readers = [.. Enumerable.Range(0, Readers).Select(i => Task.Factory.StartNew(
            () => ReadStable(new Random(i), Stable), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        for (int i = 0; i < Operations / 2; i++)
        {
            // Grows to some blocks, shrinks again, and leaves sparse pages behind.
            int filler = i % 60_000;
            if (filler == 0)
            {
                Write(() => _store.Maintain());
            }

            Write(() => Set($"filler-{i}", new byte[i % 200]));
            Write(() => _store.Remove(_store.MakeKey(StoreFixture.Encode($"filler-{i - 30_000}"))));
        }

        Volatile.Write(ref _running, 0);
        await Task.WhenAll(readers);
        Assert.True(_hits > 0);
    }

    private void Write(Action change)
    {
        lock (_gate)
        {
            change();
        }
    }

    private void ReadStable(Random random, int stable)
    {
        byte[] buffer = new byte[1_000];
        long hits = 0;
        while (Volatile.Read(ref _running) != 0)
        {
            int key = random.Next(stable);
            Assert.Equal(ReadOutcome.Hit, _store.TryGet(_names[key], buffer, out int length));
            CheckedValue.Verify(key, buffer.AsSpan(0, length));
            hits++;
        }

        Interlocked.Add(ref _hits, hits);
    }

    private void Write(Random random, int keys, int maxLength, int operations, bool swaps)
    {
        int fillers = 0;
        int[] versions = new int[keys];
        for (int i = 0; i < operations; i++)
        {
            int key = random.Next(keys);
            lock (_gate)
            {
                int choice = random.Next(10_000);
                if (choice < 9_000)
                {
                    Set(_names[key], CheckedValue.Create(key, ++versions[key], random.Next(maxLength)));
                }
                else if (choice < 9_200 && _limit == Limit)
                {
                    Evict();
                }
                else if (choice < 9_900)
                {
                    _store.Remove(_store.MakeKey(StoreFixture.Encode(_names[key])));
                }
                else if (choice < 9_990)
                {
                    // Makes the index grow, and sometimes be rebuilt for tombstones.
                    for (int j = 0; j < 100; j++)
                    {
                        Set($"filler-{fillers++}", [1]);
                        _store.Remove(_store.MakeKey(StoreFixture.Encode($"filler-{fillers - 50}")));
                    }
                }
                else if (choice < 9_997 || !swaps)
                {
                    _store.Maintain();
                }
                else if (choice < 9_999)
                {
                    _store.Clear();
                }
                else
                {
                    CacheStore old = _store;
                    Volatile.Write(ref _store, NewStore());
                    old.Retire();
                }
            }
        }
    }

    // What readers count in the slots is changed here too, and now and then nobody asks for it.
    private void Evict()
    {
        for (int i = 0; i < 10 && _store.TryChooseVictim(out EvictionCandidate victim); i++)
        {
            _store.Evict(victim);
        }

        if (_store.MaxBytes != Limit || _store.Count % 16 == 0)
        {
            _store.MaxBytes = _store.MaxBytes == Limit ? long.MaxValue : Limit;
        }
    }

    private void Set(string key, byte[] value)
    {
        _store.Set(_store.MakeKey(StoreFixture.Encode(key)), value, EntryExpiration.None, 0, 0);
    }

    // What batches of writers look at before they have the gate: anything may have changed or moved meanwhile.
    private void PrefetchSome(Random random, int keys, ulong[] hashes)
    {
        CacheStore store = Volatile.Read(ref _store);
        foreach (ref ulong hash in hashes.AsSpan())
        {
            hash = random.Next(4) == 0 ? (ulong)random.NextInt64() : store.MakeKey(StoreFixture.Encode(_names[random.Next(keys)])).Hash;
        }

        store.Prefetch(hashes);
    }

    private void ReadUntilDone(Random random, int keys)
    {
        byte[] buffer = new byte[1 << 20];
        ArrayBufferWriter<byte> writer = new(1 << 20);
        int[] seen = new int[keys];
        ulong[] hashes = new ulong[CacheStore.MaxPrefetched + 1];
        long hits = 0;
        while (Volatile.Read(ref _running) != 0)
        {
            int key = random.Next(keys);
            PrefetchSome(random, keys, hashes);
            ReadOutcome outcome;
            ReadOnlySpan<byte> value;
            switch (random.Next(3))
            {
                case 0:
                    outcome = Volatile.Read(ref _store).TryGet(_names[key], buffer, out int length);
                    value = buffer.AsSpan(0, length);
                    break;
                case 1:
                    writer.ResetWrittenCount();
                    outcome = Volatile.Read(ref _store).TryGet(_names[key], writer);
                    value = writer.WrittenSpan;
                    break;
                default:
                    outcome = Volatile.Read(ref _store).Get(_names[key], out byte[]? array);
                    value = array;
                    break;
            }

            Assert.NotEqual(ReadOutcome.DestinationTooSmall, outcome);
            if (outcome == ReadOutcome.Hit)
            {
                int version = CheckedValue.Verify(key, value);
                Assert.True(version >= seen[key], $"key {key} went back from {seen[key]} to {version}");
                seen[key] = version;
                hits++;
            }
            else
            {
                Assert.True(value.IsEmpty);
            }
        }

        Interlocked.Add(ref _hits, hits);
    }

    private CacheStore NewStore() => new(new StoreOptions { MaxBytes = _limit }, StoreFixture.Seed, TimeProvider.System, _gate, _pool);
}
