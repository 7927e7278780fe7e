using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

public class CompactionTests
{
    private const int Count = 60_000;

    [Fact]
    public void Remove_MostOfOneSize_MemoryBecomesFreeForOthers()
    {
        StoreFixture fixture = Fill(200);
        long before = fixture.Store.UsedBytes;
        for (int i = 0; i < Count; i++)
        {
            if (i % 10 != 0)
            {
                fixture.Remove($"key-{i}");
            }
        }

        MaintainAll(fixture);

        Assert.InRange(fixture.Store.UsedBytes, 1, before / 3);
        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(i % 10 == 0, fixture.Get($"key-{i}") is byte[] value && CheckedValue.Verify(i, value) == 1);
        }

        fixture.AssertConsistent();
    }

    [Fact]
    public void Set_SizesShiftOverAndOver_UsedMemoryStaysNearTheData()
    {
        Random random = new(5);
        StoreFixture fixture = Fill(100);
        for (int round = 1; round <= 6; round++)
        {
            int length = 40 * round;
            for (int i = 0; i < Count; i++)
            {
                int key = random.Next(Count);
                fixture.Set($"key-{key}", CheckedValue.Create(key, round, random.Next(length / 2, length)));
            }
        }

        MaintainAll(fixture);
        double data = 0;
        for (int i = 0; i < Count; i++)
        {
            byte[] value = fixture.Get($"key-{i}")!;
            CheckedValue.Verify(i, value);
            data += value.Length + $"key-{i}".Length;
        }

        // What the goal for resident memory allows: 96 bytes an entry, magazines and half-empty pages included.
        Assert.InRange((fixture.Store.UsedBytes - data) / Count, 32, 96);
        fixture.AssertConsistent();
    }

    [Fact]
    public void Maintain_SnapshotUnderWay_LosesNoEntry()
    {
        StoreFixture fixture = Fill(200);
        for (int i = 0; i < Count; i++)
        {
            if (i % 4 != 0)
            {
                fixture.Remove($"key-{i}");
            }
        }

        SnapshotModel snapshot = new();
        snapshot.AfterEntry = () =>
        {
            lock (fixture.Gate)
            {
                fixture.Store.Maintain();
            }
        };
        snapshot.ReadAll(fixture.Store, maxBytes: 10_000);

        Assert.Equal(Count / 4, snapshot.Entries.Count);
        fixture.AssertConsistent();
    }

    [Fact]
    public void Set_LimitReachedByFreedMemoryOfOtherSizes_CompactsInsteadOfRefusing()
    {
        StoreFixture fixture = new(new StoreOptions { MaxBytes = 16 << 20 });
        int count = 0;
        try
        {
            for (; ; count++)
            {
                fixture.Set($"key-{count}", new byte[200]);
            }
        }
        catch (StoreFullException)
        {
        }

        // One in eight stays, spread over all pages.
        for (int i = 0; i < count; i++)
        {
            if (i % 8 != 0)
            {
                fixture.Remove($"key-{i}");
            }
        }

        for (int i = 0; i < count / 4; i++)
        {
            fixture.Set($"other-{i}", new byte[500]);
        }

        Assert.Equal(((count + 7) / 8) + (count / 4), fixture.Store.Count);
        fixture.AssertConsistent();
    }

    private static StoreFixture Fill(int length)
    {
        StoreFixture fixture = new();
        for (int i = 0; i < Count; i++)
        {
            fixture.Set($"key-{i}", CheckedValue.Create(i, 1, length));
        }

        return fixture;
    }

    private static void MaintainAll(StoreFixture fixture)
    {
        lock (fixture.Gate)
        {
            for (int i = 0; i < SizeClasses.Count * 4; i++)
            {
                fixture.Store.Maintain();
            }
        }
    }
}
