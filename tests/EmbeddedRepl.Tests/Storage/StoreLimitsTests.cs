using System.Buffers;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

public class StoreLimitsTests
{
    [Fact]
    [Trait("Behaviour", "G8")]
    public void Set_MemoryLimitReached_ThrowsAndChangesNothing()
    {
        const long Limit = 8 << 20;
        StoreFixture fixture = new(new StoreOptions { MaxBytes = Limit });
        int count = 0;
        StoreDigest digest;
        while (true)
        {
            digest = fixture.Digest;
            try
            {
                fixture.Set($"key-{count}", new byte[1_000]);
                count++;
            }
            catch (StoreFullException)
            {
                break;
            }
        }

        Assert.InRange(count, 6_000, 8_000);
        Assert.InRange(fixture.Store.UsedBytes, Limit / 2, Limit);
        Assert.Equal(digest, fixture.Digest);
        Assert.Equal(count, fixture.Store.Count);
        Assert.Null(fixture.Get($"key-{count}"));
        Assert.Throws<StoreFullException>(() => fixture.Set("key-0", new byte[1 << 20]));
        Assert.Equal(new byte[1_000], fixture.Get("key-0"));
        fixture.AssertConsistent();

        Assert.True(fixture.Remove("key-1"));
        fixture.Set("again", new byte[1_000]);
        fixture.AssertConsistent();
    }

    [Fact]
    public void Set_SlidingEntryRefusedForMemory_GivesItsExtensionBack()
    {
        StoreFixture fixture = new(new StoreOptions { MaxBytes = 4 << 20 });
        EntryExpiration sliding = new(fixture.Clock.Now + 1000, 1000, 0);
        for (int i = 0; i < 10_000; i++)
        {
            Assert.Throws<StoreFullException>(() => fixture.Set("large", new byte[8 << 20], sliding));
        }

        Assert.InRange(fixture.Store.UsedBytes, 0, 1 << 20);
    }

    [Fact]
    public void Set_LargestKey_IsAccepted_OneMoreByteIsNot()
    {
        StoreFixture fixture = new();
        string largest = new('k', StoreLimits.MaxKeySize);
        fixture.Set(largest, [1]);
        Assert.Equal([1], fixture.Get(largest));

        Assert.Throws<ArgumentException>(() => fixture.Set(largest + "k", [1]));
        Assert.Null(fixture.Get(largest + "k"));
        fixture.AssertConsistent();
    }

    [Fact]
    public void TryGet_DestinationTooSmall_SaysWhatIsNeeded()
    {
        StoreFixture fixture = new();
        fixture.Set("key", new byte[100]);

        Assert.Equal(ReadOutcome.DestinationTooSmall, fixture.Store.TryGet("key", new byte[99], out int needed));
        Assert.Equal(100, needed);
        Assert.Equal(ReadOutcome.Hit, fixture.Store.TryGet("key", new byte[100], out int written));
        Assert.Equal(100, written);
    }

    [Fact]
    public void Set_Sequences_AreCopiedWhole()
    {
        StoreFixture fixture = new();
        byte[] bytes = CheckedValue.Create(1, 1, 1_000);
        ReadOnlySequence<byte> whole = new(bytes);
        foreach (ReadOnlySequence<byte> sequence in new[] { whole, Segments.Of(bytes, 1), Segments.Of(bytes, 333), default, Segments.Of([], 1) })
        {
            lock (fixture.Gate)
            {
                fixture.Store.Set(fixture.Store.MakeKey("key"u8), sequence, EntryExpiration.None, 1, 1);
            }

            Assert.Equal(sequence.ToArray(), fixture.Get("key"));
            fixture.AssertConsistent();
        }
    }

    [Fact]
    public void Set_SequenceThatFailsWhenRead_ChangesNothing()
    {
        StoreFixture fixture = new();
        fixture.Set("key", [1]);
        ReadOnlySequence<byte> failing = Segments.Failing(100);
        for (int i = 0; i < 1000; i++)
        {
            lock (fixture.Gate)
            {
                EntryExpiration sliding = new(1000, 1000, 0);
                Assert.Throws<InvalidOperationException>(() => fixture.Store.Set(fixture.Store.MakeKey("key"u8), failing, sliding, 1, 1));
            }
        }

        Assert.Equal([1], fixture.Get("key"));
        Assert.InRange(fixture.Store.UsedBytes, 0, 1 << 20);
        fixture.AssertConsistent();
    }

    [Fact]
    public void EnsureCapacity_AbsurdAnnouncement_TakesBoundedMemory()
    {
        StoreFixture fixture = new();
        lock (fixture.Gate)
        {
            fixture.Store.EnsureCapacity(long.MaxValue);
        }

        Assert.InRange(fixture.Store.UsedBytes, 64 << 20, 256 << 20);
    }

    [Fact]
    public void EnsureCapacity_ThenThatManyEntries_NoBlockIsSplitAgain()
    {
        StoreFixture fixture = new();
        int splits = 0;
        fixture.Set("early", [1]);
        lock (fixture.Gate)
        {
            fixture.Store.EnsureCapacity(100_000);
        }

        fixture.Store.Probe.Paused = step => splits += step == WriterStep.IndexBlocksFilled ? 1 : 0;
        for (int i = 0; i < 100_000; i++)
        {
            fixture.Set($"key-{i}", [1]);
        }

        Assert.Equal(0, splits);
        Assert.NotNull(fixture.Get("early"));
        fixture.AssertConsistent();
    }

    [Fact]
    public void RemovesAndInserts_ForEver_RebuildTheIndexInsteadOfGrowingIt()
    {
        StoreFixture fixture = new();
        for (int i = 0; i < 200_000; i++)
        {
            fixture.Set($"key-{i}", [1]);
            fixture.Remove($"key-{i - 5_000}");
        }

        Assert.Equal(5_000, fixture.Store.Count);
        Assert.InRange(fixture.Store.UsedBytes, 0, 1 << 20);
        fixture.AssertConsistent();
    }
}
