using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

public class SnapshotCursorTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_000)]
    [InlineData(50_000)]
    public void Read_QuietStore_DeliversEveryEntryOnce(int count)
    {
        StoreFixture fixture = new();
        for (int i = 0; i < count; i++)
        {
            fixture.Set($"key-{i}", CheckedValue.Create(i, i, i % 300), i % 3 == 0 ? new EntryExpiration(5 + i, 0, 0) : default);
        }

        SnapshotModel snapshot = new();
        snapshot.ReadAll(fixture.Store, maxBytes: 10_000);

        Assert.Equal(count, snapshot.Delivered);
        Assert.Equal(count, snapshot.Entries.Count);
        Assert.Equal(fixture.Digest, snapshot.Digest);
    }

    [Fact]
    public void Read_InTheOrderOfTheHash_AndLoadedIntoAnEmptyStore_MakesItEqual()
    {
        StoreFixture fixture = new();
        for (int i = 0; i < 100_000; i++)
        {
            fixture.Set($"key-{i}", BitConverter.GetBytes(i));
        }

        // Without EnsureCapacity: an order by hash fills one block after the other.
        StoreFixture loaded = new();
        SnapshotLoader loader = new(loaded);
        SnapshotCursor cursor = fixture.Store.CreateSnapshotCursor();
        while (cursor.Read(loader, 4096))
        {
        }

        Assert.Equal(fixture.Digest, loaded.Digest);
        Assert.Equal(fixture.Store.Count, loaded.Store.Count);
        Assert.InRange(loaded.Store.UsedBytes, 1, fixture.Store.UsedBytes * 3 / 2);
        loaded.AssertConsistent();
    }

    [Fact]
    public void Read_MaxBytes_EndsTheCallWithinOneEntryOfIt()
    {
        StoreFixture fixture = new();
        for (int i = 0; i < 1000; i++)
        {
            fixture.Set($"key-{i}", new byte[100]);
        }

        SnapshotModel snapshot = new();
        SnapshotCursor cursor = fixture.Store.CreateSnapshotCursor();
        int before = 0;
        while (cursor.Read(snapshot, 1000))
        {
            Assert.InRange(snapshot.Delivered - before, 1, 11);
            before = snapshot.Delivered;
        }

        Assert.Equal(1000, snapshot.Delivered);
    }

    [Fact]
    [Trait("Behaviour", "A9")]
    public void Read_LargeAndEmptyValues_ArriveAsTheyAre()
    {
        StoreFixture fixture = new();
        byte[] large = CheckedValue.Create(1, 1, 3 << 20);
        byte[] medium = CheckedValue.Create(2, 1, 120_000);
        fixture.Set("large", large);
        fixture.Set("medium", medium);
        fixture.Set("empty", []);
        fixture.Set(new string('k', 60_000), [1]);
        fixture.Set("", [2]);
        fixture.Set("\udc00", [3]);

        SnapshotModel snapshot = new();
        snapshot.ReadAll(fixture.Store, maxBytes: 1);

        Assert.Equal(6, snapshot.Entries.Count);
        Assert.Equal(large, snapshot.Entries["large"].Value);
        Assert.Equal(medium, snapshot.Entries["medium"].Value);
        Assert.Empty(snapshot.Entries["empty"].Value);
        Assert.Equal([3], snapshot.Entries["\udc00"].Value);
    }

    [Fact]
    public void Read_ChangedSince_DeliversOnlyWhatWasSetOrTouchedSince()
    {
        StoreFixture fixture = new();
        for (int i = 0; i < 1000; i++)
        {
            fixture.Set($"key-{i}", [1], new EntryExpiration(1000, 1000, 0), version: i);
        }

        fixture.ApplyTouch("key-5", 5, 2000, 1001);
        fixture.Set("key-6", [2], version: 1002);

        SnapshotModel snapshot = new();
        snapshot.ReadAll(fixture.Store, changedSince: 998);

        Assert.Equal(["key-5", "key-6", "key-998", "key-999"], snapshot.Entries.Keys.Order());
        Assert.Equal(1001, snapshot.Entries["key-5"].LastChange);
        Assert.Equal(5, snapshot.Entries["key-5"].Version);
    }

    [Fact]
    public void Read_ExpiredEntries_AreDelivered()
    {
        StoreFixture fixture = new();
        fixture.Set("key", [1], new EntryExpiration(fixture.Clock.Now - 5, 0, 0));
        SnapshotModel snapshot = new();
        snapshot.ReadAll(fixture.Store);
        Assert.Single(snapshot.Entries);
    }

    [Theory]
    [Trait("Behaviour", "A11")]
    [InlineData(1, 10_000, 1, false)]
    [InlineData(2, 3_000, 40, false)]
    [InlineData(3, 10_000, 1, true)]
    [InlineData(4, 100, 500, true)]
    public void Read_WritesOfEveryKindBetweenEntries_SnapshotPlusReplayIsTheFinalState(int seed, int keys, int writesPerEntry, bool clears)
    {
        Random random = new(seed);
        StoreFixture fixture = new();
        for (int i = 0; i < keys; i++)
        {
            fixture.Set($"key-{i}", CheckedValue.Create(i, 0, random.Next(200)));
        }

        WriteLog log = new(fixture, random, keys, clears);
        SnapshotModel snapshot = new();
        int budget = 60_000;
        snapshot.AfterEntry = () =>
        {
            for (int i = 0; i < writesPerEntry && budget > 0; i++, budget--)
            {
                log.WriteOne();
            }
        };
        snapshot.ReadAll(fixture.Store, maxBytes: 5_000);

        log.AssertReplayGivesTheFinalState(snapshot);
    }

    [Theory]
    [Trait("Behaviour", "A11")]
    [InlineData(1, 20_000, false)]
    [InlineData(2, 200, false)]
    [InlineData(3, 20_000, true)]
    public async Task Read_BesideABusyWriter_SnapshotPlusReplayIsTheFinalState(int seed, int keys, bool clears)
    {
        Random random = new(seed);
        StoreFixture fixture = new();
        for (int i = 0; i < keys; i++)
        {
            fixture.Set($"key-{i}", CheckedValue.Create(i, 0, random.Next(200)));
        }

        for (int round = 0; round < 5; round++)
        {
            WriteLog log = new(fixture, random, keys, clears);
            using CancellationTokenSource done = new();
            Task writer = Task.Run(() =>
            {
                while (!done.IsCancellationRequested)
                {
                    log.WriteOne();
                }
            });

            SnapshotModel snapshot = new();
            snapshot.ReadAll(fixture.Store, maxBytes: 20_000);
            await done.CancelAsync();
            await writer;

            log.AssertReplayGivesTheFinalState(snapshot);
        }
    }

    [Fact]
    public async Task Read_EntriesOverwrittenWhileTheyAreCopied_AreNeverTorn()
    {
        const int Snapshots = 2_000;
        const int Length = 100_000;
        StoreFixture fixture = new();
        byte[][] values = [.. Enumerable.Range(0, 4).Select(version => CheckedValue.Create(0, version, Length))];
        fixture.Set("key-0", values[0]);
        using CancellationTokenSource done = new();
        Task writer = Task.Run(() =>
        {
            // The freed block of one overwrite is what the next one writes to.
            for (int i = 0; !done.IsCancellationRequested; i++)
            {
                fixture.Set("key-0", values[i % values.Length]);
            }
        });

        int verified = 0;
        try
        {
            VerifyingSink sink = new();
            for (int i = 0; i < Snapshots; i++)
            {
                SnapshotCursor cursor = fixture.Store.CreateSnapshotCursor();
                while (cursor.Read(sink, int.MaxValue))
                {
                }
            }

            verified = sink.Verified;
        }
        finally
        {
            await done.CancelAsync();
            await writer;
        }

        Assert.True(verified >= Snapshots);
    }

    [Fact]
    public void Read_EveryEntryOverwrittenBeforeItIsReached_StillEnds()
    {
        StoreFixture fixture = new();
        for (int i = 0; i < 300; i++)
        {
            fixture.Set($"key-{i}", [1]);
        }

        SnapshotModel snapshot = new();
        snapshot.AfterEntry = () =>
        {
            for (int i = 0; i < 300; i++)
            {
                fixture.Set($"key-{i}", [2]);
            }
        };
        snapshot.ReadAll(fixture.Store);

        Assert.Equal(300, snapshot.Entries.Count);
        Assert.InRange(snapshot.Delivered, 300, 310);
    }

    [Fact]
    public void Read_StoreRetiredMeanwhile_Throws()
    {
        StoreFixture fixture = new();
        for (int i = 0; i < 100; i++)
        {
            fixture.Set($"key-{i}", new byte[100]);
        }

        SnapshotCursor cursor = fixture.Store.CreateSnapshotCursor();
        Assert.True(cursor.Read(new SnapshotModel(), 500));
        lock (fixture.Gate)
        {
            fixture.Store.Retire();
        }

        Assert.Throws<InvalidOperationException>(() => cursor.Read(new SnapshotModel(), int.MaxValue));
    }

    private sealed class VerifyingSink : ISnapshotSink
    {
        public int Verified { get; private set; }

        public void Entry(in SnapshotEntry entry)
        {
            CheckedValue.Verify(0, entry.Value);
            Verified++;
        }
    }

    private sealed class SnapshotLoader(StoreFixture target) : ISnapshotSink
    {
        private uint _lastPrefix;

        public void Entry(in SnapshotEntry entry)
        {
            lock (target.Gate)
            {
                StoreKey key = target.Store.MakeKey(entry.Key);
                Assert.True((uint)(key.Hash >> 32) >= _lastPrefix);
                _lastPrefix = (uint)(key.Hash >> 32);
                Assert.Equal(entry.Digest, target.Store.Set(key, entry.Value, entry.Expiration, entry.Version, entry.LastChange));
            }
        }
    }
}
