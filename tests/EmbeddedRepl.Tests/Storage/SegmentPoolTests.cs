using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

public sealed class SegmentPoolTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public void Expect_LargeDataSet_HasOneSegmentPreparedAtATimeAndHandsItOut()
    {
        var pool = new SegmentPool();

        pool.Expect(64L << 20);

        Assert.True(SpinWait.SpinUntil(() => pool.RetainedBytes == EntryAddress.SegmentSize, Patience), "No segment was prepared.");
        byte[] first = pool.RentSegment();
        Assert.True(SpinWait.SpinUntil(() => pool.RetainedBytes == EntryAddress.SegmentSize, Patience), "The next one was not prepared.");
        byte[] second = pool.RentSegment();
        Assert.Equal((EntryAddress.SegmentSize, EntryAddress.SegmentSize), (first.Length, second.Length));
        Assert.NotSame(first, second);
    }

    [Fact]
    public void Expect_LessThanComes_TheRestIsAllocatedWhenItIsNeeded()
    {
        var pool = new SegmentPool();
        pool.Expect((16L << 20) + 1);

        byte[][] segments = [.. Enumerable.Range(0, 8).Select(_ => pool.RentSegment())];

        Assert.Equal(8, segments.Distinct().Count());
        Assert.All(segments, segment => Assert.Equal(EntryAddress.SegmentSize, segment.Length));
    }

    [Fact]
    public void Expect_WhatWasGivenBackIsThere_IsHandedOutFirst()
    {
        var pool = new SegmentPool();
        byte[] kept = pool.RentSegment();
        pool.Return(kept);

        pool.Expect(64L << 20);

        Assert.Equal(EntryAddress.SegmentSize, pool.RetainedBytes);
        Assert.Same(kept, pool.RentSegment());
    }
}
