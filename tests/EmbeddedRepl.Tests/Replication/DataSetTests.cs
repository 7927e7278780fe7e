using System.Buffers;
using System.Text;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Replica;
using EmbeddedRepl.Storage;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;
using Record = EmbeddedRepl.Protocol.Record;

namespace EmbeddedRepl.Tests.Replication;

public sealed class DataSetTests
{
    private static readonly EntryExpiration Sliding = new(2_000_000_000_000, 60_000, 0);

    private readonly CoreNode _node = new(new ManualTimeProvider());

    [Fact]
    public void Set_Always_AdvancesByTheRecordAndVersionsTheEntryWithItsEnd()
    {
        DataSet data = Create();
        data.Set(Key(data, "key"), Value("value"), default);

        Assert.Equal(RecordEncoder.SetSize(3, 5, 0, 0, 0), data.Offset);
        Assert.Equal(data.Offset, data.LargestRecordLength);
        Assert.Equal(ReadOutcome.Hit, data.Store.TryGetMetadata("key", out EntryMetadata metadata));
        Assert.Equal(data.Offset, metadata.Version);
        Assert.True(data.HoldsData);
    }

    [Fact]
    public void Remove_MissingKey_LeavesNoRecord()
    {
        DataSet data = Create();

        Assert.False(data.Remove(Key(data, "nobody")));
        Assert.Equal(0, data.Offset);
    }

    [Fact]
    public void Touch_OfAnEntryThatWasSetAnew_LeavesNoRecord()
    {
        DataSet data = Create();
        data.Set(Key(data, "key"), Value("old"), Sliding);
        long version = data.Offset;
        data.Set(Key(data, "key"), Value("new"), Sliding);
        long offset = data.Offset;

        Assert.False(data.Touch(Key(data, "key"), version, Sliding.Deadline + 1));
        Assert.Equal(offset, data.Offset);
        Assert.True(data.Touch(Key(data, "key"), offset, Sliding.Deadline + 1));
        Assert.True(data.Offset > offset);
    }

    [Fact]
    [Trait("Behaviour", "G8")]
    public void Set_StoreFull_LeavesNothingHalfDone()
    {
        var node = new CoreNode(new ManualTimeProvider(), new NodeSettings { Store = new StoreOptions { MaxBytes = 4 << 20 } });
        DataSet data = node.Core.CreateDataSet(Histories.Begin(1), 0, new StoreSeed(new byte[StoreSeed.Size]));
        int written = 0;
        (long Offset, StoreDigest Digest, long Count) before = default;
        Action write = () =>
        {
            while (true)
            {
                before = (data.Offset, data.Store.Digest, data.Store.Count);
                data.Set(Key(data, $"key {written}"), new ReadOnlySequence<byte>(new byte[30_000]), default);
                written++;
            }
        };
        Assert.Throws<StoreFullException>(write);

        Assert.InRange(written, 50, 140);
        Assert.Equal(before, (data.Offset, data.Store.Digest, data.Store.Count));
        Assert.Equal(ReadOutcome.Miss, data.Store.Get($"key {written}", out _));
        Assert.True(data.Remove(Key(data, "key 0")));
        AssertRelays(data);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7_000_000_000)]
    public void Apply_RawStreamOfAnotherDataSet_GivesTheSameDataOffsetAndBytes(long start)
    {
        DataSet source = Create(start);
        var random = new Random(11);
        for (int i = 0; i < 3_000; i++)
        {
            Change(source, random);
        }

        Assert.True(source.Store.Count > 10);
        AssertRelays(source, start);
    }

    [Fact]
    public void Apply_EntryInTheStream_IsRefusedAndChangesNothing()
    {
        DataSet data = Create();
        Assert.Throws<ProtocolException>(() => data.Apply(new Record { Kind = RecordKind.Entry, Key = "k"u8 }, new byte[10]));

        Assert.Equal((0, 0), (data.Offset, data.Store.Count));
    }

    [Theory]
    [InlineData(0, 5, 0)]
    [InlineData(0, 5, 7)]
    [InlineData(long.MaxValue, 0, 0)]
    [InlineData(5, long.MaxValue, 0)]
    [InlineData(5, 5, long.MaxValue)]
    public void Apply_ExpirationThatNoEntryCanHave_IsThePeersErrorAndChangesNothing(long deadline, long window, long cap)
    {
        DataSet data = Create();
        Assert.Throws<ProtocolException>(() => data.Apply(
            new Record { Kind = RecordKind.Set, Key = "k"u8, Deadline = deadline, SlidingWindow = window, AbsoluteCap = cap }, new byte[10]));

        Assert.Equal((0, 0), (data.Offset, data.Store.Count));
    }

    [Fact]
    public void Apply_TouchPastTheCalendar_IsThePeersError()
    {
        DataSet data = Create();
        Assert.Throws<ProtocolException>(
            () => data.Apply(new Record { Kind = RecordKind.Touch, Key = "k"u8, Version = 1, Deadline = long.MaxValue }, new byte[10]));

        Assert.Equal(0, data.Offset);
    }

    private static void Change(DataSet data, Random random)
    {
        StoreKey key = Key(data, $"key {random.Next(200)}");
        switch (random.Next(100))
        {
            case < 60:
                data.Set(key, Pieces(random), random.Next(3) == 0 ? Sliding : default);
                break;
            case < 80:
                data.Remove(key);
                break;
            case < 99:
                data.Store.TryGetMetadata(key, out EntryMetadata metadata);
                data.Touch(key, metadata.Version, Sliding.Deadline + random.Next(100));
                break;
            default:
                data.Clear();
                break;
        }
    }

    private static ReadOnlySequence<byte> Pieces(Random random)
    {
        byte[] value = new byte[random.Next(20) == 0 ? random.Next(200_000) : random.Next(300)];
        random.NextBytes(value);
        return Protocol.Sequences.Cut(value, value.Length / 2, value.Length - (value.Length / 2));
    }

    private static StoreKey Key(DataSet data, string key) => data.Store.MakeKey(Encoding.UTF8.GetBytes(key));

    private static ReadOnlySequence<byte> Value(string value) => new(Encoding.UTF8.GetBytes(value));

    private static byte[] Stream(DataSet data, long start)
    {
        StreamCursor cursor = data.Log.OpenCursor(start);
        List<byte> bytes = [];
        while (cursor.TryLease(int.MaxValue, long.MaxValue, out StreamLease lease))
        {
            bytes.AddRange(lease.Bytes.ToArray());
            lease.Release();
        }

        cursor.Close();
        return [.. bytes];
    }

    private DataSet Create(long start = 0) =>
        _node.Core.CreateDataSet(Histories.Begin(1), start, new StoreSeed(new byte[StoreSeed.Size]));

    private void AssertRelays(DataSet source, long start = 0)
    {
        DataSet target = Create(start);
        byte[] stream = Stream(source, start);
        using var assembler = new RecordAssembler(new RecordLimits(65_000, 64 << 20), new StreamSink(target));
        foreach (byte[] piece in stream.Chunk(4_097))
        {
            assembler.Feed(piece);
        }

        Assert.Equal(0, assembler.PendingBytes);
        Assert.Equal((source.Offset, source.Store.Count), (target.Offset, target.Store.Count));
        Assert.Equal(source.Store.Digest, target.Store.Digest);
        Assert.Equal(target.Store.Digest, target.Store.Recount(out _));
        Assert.Equal(stream, Stream(target, start));
    }
}
