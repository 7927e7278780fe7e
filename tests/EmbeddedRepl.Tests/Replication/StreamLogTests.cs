using EmbeddedRepl.Replication;

namespace EmbeddedRepl.Tests.Replication;

public sealed class StreamLogTests
{
    private const int Block = 64;

    private readonly StreamBlockPool _pool = new(Block, 1_000);

    [Fact]
    public void Open_OnAnEmptyLog_ReadsWhatIsAppendedLater()
    {
        StreamLog log = Log(backlog: 0);
        StreamCursor cursor = log.OpenCursor(0);
        Append(log, 200);

        Assert.Equal(Bytes(0, 200), Read(cursor));
        Assert.Equal(0, cursor.PendingBytes);
    }

    [Fact]
    public void Open_LogThatBeginsAtANonZeroOffset_CountsFromThere()
    {
        var log = new StreamLog(12_345, 1_000, isKept: true, _pool);
        Append(log, 300);

        Assert.Equal(12_345, log.FirstOffset);
        Assert.Equal(12_645, log.EndOffset);
        Assert.Equal(Bytes(12_345, 300), Read(log.OpenCursor(12_345)));
        Assert.Throws<ArgumentOutOfRangeException>(() => log.OpenCursor(12_344));
        Assert.Throws<ArgumentOutOfRangeException>(() => log.OpenCursor(12_646));
    }

    [Fact]
    public void Open_AtEveryOffsetOfTheBacklog_ReadsFromExactlyThere()
    {
        StreamLog log = Log(backlog: 500);
        Append(log, 2_000);

        Assert.Equal(1_500, log.FirstOffset);
        for (long offset = log.FirstOffset; offset <= log.EndOffset; offset++)
        {
            StreamCursor cursor = log.OpenCursor(offset);
            Assert.Equal(Bytes(offset, (int)(2_000 - offset)), Read(cursor));
            cursor.Close();
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 500)]
    [InlineData(77, 130)]
    [Trait("Behaviour", "D8")]
    public void FirstRecordOffset_Always_IsWhereARecordBeginsInTheBacklog(int start, int backlog)
    {
        var log = new StreamLog(start, backlog, isKept: true, _pool);
        var random = new Random(5);
        List<long> begins = [start];
        for (int i = 0; i < 300; i++)
        {
            Append(log, random.Next(10) == 0 ? random.Next(1, 5 * Block) : random.Next(1, 20));
            begins.Add(log.EndOffset);

            Assert.Contains(log.FirstRecordOffset, begins);
            Assert.True(log.FirstRecordOffset >= log.FirstOffset);
            long next = begins.Find(begin => begin >= log.FirstOffset + Block);
            Assert.True(log.FirstRecordOffset <= (next == 0 ? log.EndOffset : next) + (5 * Block), "It is not far behind the beginning of the backlog.");
        }

        log.ReleaseBacklog();
        Assert.Equal(log.EndOffset, log.FirstRecordOffset);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Block)]
    [InlineData(1_000)]
    public void Append_WithoutReaders_RetainsTheBacklogAndTwoBlocksAtMost(int backlog)
    {
        StreamLog log = Log(backlog);
        for (int i = 0; i < 500; i++)
        {
            Append(log, 37);
            Assert.InRange(log.RetainedBytes, Math.Min(backlog, log.EndOffset), backlog + (2 * Block));
            Assert.True(log.EndOffset - log.FirstOffset >= Math.Min(backlog, log.EndOffset));
        }
    }

    [Fact]
    [Trait("Behaviour", "B9")]
    public void Cursors_Many_RetainTheMemoryOfOne()
    {
        StreamLog one = Log(backlog: 0);
        StreamLog many = Log(backlog: 0);
        one.OpenCursor(0);
        for (int i = 0; i < 50; i++)
        {
            many.OpenCursor(0);
        }

        Append(one, 10_000);
        Append(many, 10_000);

        Assert.Equal(157 * Block, one.RetainedBytes);
        Assert.Equal(one.RetainedBytes, many.RetainedBytes);
    }

    [Fact]
    [Trait("Behaviour", "B10")]
    public void Cursor_ThatPinsMoreThanTheBacklog_OpensThatRangeToOthersUntilItLeaves()
    {
        StreamLog log = Log(backlog: 100);
        StreamCursor slow = log.OpenCursor(0);
        Append(log, 10_000);

        Assert.Equal(0, log.FirstOffset);
        StreamCursor other = log.OpenCursor(5_000);
        Assert.Equal(Bytes(5_000, 5_000), Read(other));
        Assert.True(log.RetainedBytes >= 10_000);

        slow.Close();

        Assert.InRange(log.RetainedBytes, 100, 100 + (2 * Block));
        Assert.Equal(9_900, log.FirstOffset);
        Assert.Throws<ArgumentOutOfRangeException>(() => log.OpenCursor(9_899));
    }

    [Fact]
    public void Lease_CursorClosedMeanwhile_BytesStayUntilReleased()
    {
        StreamLog log = Log(backlog: 0);
        StreamCursor cursor = log.OpenCursor(0);
        Append(log, Block);
        Assert.True(cursor.TryLease(int.MaxValue, long.MaxValue, out StreamLease lease));
        cursor.Close();
        for (int i = 0; i < 100; i++)
        {
            Append(log, Block);
        }

        Assert.Equal(Bytes(0, Block), lease.Bytes.ToArray());
        Assert.InRange(log.RetainedBytes, 0, 2 * Block);
        lease.Release();
        Assert.InRange(log.RetainedBytes, 0, 2 * Block);
    }

    [Fact]
    public void Lease_UpToALimit_DoesNotPassIt()
    {
        StreamLog log = Log(backlog: 1_000);
        Append(log, 50);
        StreamCursor cursor = log.OpenCursor(0);

        Assert.True(cursor.TryLease(1_000, 20, out StreamLease lease));
        Assert.Equal(20, lease.Bytes.Length);
        Assert.False(cursor.TryLease(1_000, 20, out _));
        Assert.True(cursor.TryLease(7, 50, out lease));
        Assert.Equal((20, 7), (lease.StartOffset, lease.Bytes.Length));
    }

    [Fact]
    public void ReleaseBacklog_NobodyReads_TheWindowIsEmptyAndTheMemoryGone()
    {
        StreamLog log = Log(backlog: 1_000);
        Append(log, 500);

        log.ReleaseBacklog();

        Assert.Equal(500, log.FirstOffset);
        Assert.Equal(0, log.RetainedBytes);
        StreamCursor cursor = log.OpenCursor(500);
        Append(log, 30);
        Assert.Equal(Bytes(500, 30), Read(cursor));
        Assert.Equal(500, log.FirstOffset);
    }

    [Fact]
    public void Append_ToALogThatIsNotKept_OnlyAdvancesTheOffset()
    {
        var log = new StreamLog(0, 1_000, isKept: false, _pool);
        log.Reserve(1_000_000);
        Append(log, 500);

        Assert.Equal((500, 500, 0), (log.EndOffset, log.FirstOffset, log.RetainedBytes));
        Assert.Throws<ArgumentOutOfRangeException>(() => log.OpenCursor(500));
    }

    [Fact]
    public void Drop_WithALeaseOut_LeavesItsBytesAloneAndReturnsTheRest()
    {
        StreamLog log = Log(backlog: 10_000);
        Append(log, 10 * Block);
        StreamCursor cursor = log.OpenCursor(0);
        Assert.True(cursor.TryLease(int.MaxValue, long.MaxValue, out StreamLease lease));
        cursor.Close();

        log.Drop();
        int free = _pool.FreeBlocks;
        var next = new StreamLog(0, 10_000, isKept: true, _pool);
        next.Append(new byte[20 * Block]);

        Assert.Equal(9, free);
        Assert.Equal(Bytes(0, Block), lease.Bytes.ToArray());
        lease.Release();
    }

    private static byte[] Read(StreamCursor cursor)
    {
        List<byte> read = [];
        while (cursor.TryLease(int.MaxValue, long.MaxValue, out StreamLease lease))
        {
            Assert.Equal(cursor.Position, lease.StartOffset + lease.Bytes.Length);
            read.AddRange(lease.Bytes.ToArray());
            lease.Release();
        }

        return [.. read];
    }

    private static void Append(StreamLog log, int count)
    {
        log.Append(Bytes(log.EndOffset, count));
        log.Trim();
    }

    private static byte[] Bytes(long offset, int count) => [.. Enumerable.Range(0, count).Select(i => (byte)((offset + i) * 2_654_435_761 >> 13))];

    private StreamLog Log(long backlog) => new(0, backlog, isKept: true, _pool);
}
