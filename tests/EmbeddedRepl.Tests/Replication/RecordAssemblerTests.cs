using System.Text;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Storage;
using Record = EmbeddedRepl.Protocol.Record;

namespace EmbeddedRepl.Tests.Replication;

public sealed class RecordAssemblerTests
{
    private static readonly RecordLimits Limits = new(100, 4 << 20);

    [Fact]
    public void Feed_CutAtEveryByte_PassesOnTheSameRecords()
    {
        byte[] stream = [.. Set("a", 3), .. Set("bb", 400), .. Remove("a"), .. Set("", 0), .. Clear()];
        var whole = new Collector();
        new RecordAssembler(Limits, whole).Feed(stream);
        Assert.Equal(["Set a 3", "Set bb 400", "Remove a 0", "Set  0", "Clear  0"], whole.Records);

        for (int cut = 0; cut <= stream.Length; cut++)
        {
            var collector = new Collector();
            using var assembler = new RecordAssembler(Limits, collector);
            assembler.Feed(stream.AsSpan(0, cut));
            assembler.Feed(stream.AsSpan(cut));

            Assert.Equal(whole.Records, collector.Records);
            Assert.Equal(stream, collector.Raw);
            Assert.Equal(0, assembler.PendingBytes);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(63)]
    [InlineData(65)]
    [InlineData(1_000)]
    public void Feed_InPiecesOfOneSize_PassesOnTheSameBytes(int size)
    {
        byte[] stream = [.. Enumerable.Range(0, 60).SelectMany(i => Set($"key {i}", i * 11))];
        var collector = new Collector();
        using var assembler = new RecordAssembler(Limits, collector);
        foreach (byte[] piece in stream.Chunk(size))
        {
            assembler.Feed(piece);
        }

        Assert.Equal(60, collector.Records.Count);
        Assert.Equal(stream, collector.Raw);
    }

    [Fact]
    public void Feed_HugeRecordInPieces_ArrivesWhole()
    {
        byte[] record = Set("huge", 4 << 20);
        var collector = new Collector();
        using var assembler = new RecordAssembler(Limits, collector);
        foreach (byte[] piece in record.Chunk(64 * 1024))
        {
            Assert.Empty(collector.Records);
            assembler.Feed(piece);
        }

        Assert.Equal(["Set huge 4194304"], collector.Records);
        Assert.Equal(record, collector.Raw);
    }

    [Theory]
    [InlineData(101, 1)]
    [InlineData(1, (4 << 20) + 1)]
    public void Feed_BeyondTheLimits_IsRefusedBeforeTheBytesAreThere(int keySize, int valueSize)
    {
        byte[] record = Set(new string('k', keySize), valueSize);
        using var assembler = new RecordAssembler(Limits, new Collector());

        Assert.Throws<ProtocolException>(() => assembler.Feed(record.AsSpan(0, Math.Min(record.Length - 1, 200))));
    }

    [Fact]
    public void Feed_MalformedInsideACutRecord_IsRefused()
    {
        var collector = new Collector();
        using var assembler = new RecordAssembler(Limits, collector);
        assembler.Feed([.. Set("a", 1), 0x93]);

        Assert.Throws<ProtocolException>(() => assembler.Feed([0x7f]));
        Assert.Equal(["Set a 1"], collector.Records);
    }

    [Fact]
    public void Foresight_OfWholeRecords_StopsAtTheFirstThatIsCutOrMalformedAndAtItsLimit()
    {
        CacheStore store = new(new StoreOptions(), new StoreSeed(1, 2), TimeProvider.System, new Lock());
        byte[] two = [.. Set("a", 3), .. Remove("b")];
        byte[] many = [.. Enumerable.Range(0, RecordForesight.MaxRecords + 1).SelectMany(i => Set($"key {i}", 10))];

        Assert.Equal(0, RecordForesight.Load([], Limits, store));
        Assert.Equal(2, RecordForesight.Load(two, Limits, store));
        Assert.Equal(2, RecordForesight.Load([.. two, .. Clear()[..^1]], Limits, store));
        Assert.Equal(2, RecordForesight.Load([.. two, 0x93, 0x7f], Limits, store));
        Assert.Equal(RecordForesight.MaxRecords, RecordForesight.Load(many, Limits, store));
        Assert.Equal(0, store.Count);
    }

    [Fact]
    public void Feed_MalformedAmongForeseenRecords_PassesOnThoseBeforeItAndIsRefused()
    {
        var collector = new Collector { Store = new CacheStore(new StoreOptions(), new StoreSeed(1, 2), TimeProvider.System, new Lock()) };
        using var assembler = new RecordAssembler(Limits, collector);

        Assert.Throws<ProtocolException>(() => assembler.Feed([.. Set("a", 1), .. Set("b", 2), 0x93, 0x7f, .. Set("c", 3)]));
        Assert.Equal(["Set a 1", "Set b 2"], collector.Records);
    }

    private static byte[] Set(string key, int valueLength)
    {
        byte[] prefix = new byte[RecordEncoder.MaxPrefixSize(key.Length)];
        int length = RecordEncoder.EncodeSetPrefix(prefix, Encoding.UTF8.GetBytes(key), valueLength, 0, 0, 0);
        byte[] value = new byte[valueLength];
        Array.Fill(value, (byte)0xc1);
        return [.. prefix.AsSpan(0, length), .. value];
    }

    private static byte[] Remove(string key)
    {
        byte[] record = new byte[RecordEncoder.MaxPrefixSize(key.Length)];
        return record[..RecordEncoder.EncodeRemove(record, Encoding.UTF8.GetBytes(key))];
    }

    private static byte[] Clear()
    {
        byte[] record = new byte[RecordEncoder.MaxPrefixSize(0)];
        return record[..RecordEncoder.EncodeClear(record)];
    }

    private sealed class Collector : IRecordSink
    {
        public CacheStore? Store { get; init; }

        public List<string> Records { get; } = [];

        public List<byte> Raw { get; } = [];

        public void Accept(in Record record, ReadOnlySpan<byte> raw)
        {
            Records.Add($"{record.Kind} {Encoding.UTF8.GetString(record.Key)} {record.Value.Length}");
            Raw.AddRange(raw.ToArray());
        }
    }
}
