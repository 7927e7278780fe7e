using System.Text;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
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
        public List<string> Records { get; } = [];

        public List<byte> Raw { get; } = [];

        public void Accept(in Record record, ReadOnlySpan<byte> raw)
        {
            Records.Add($"{record.Kind} {Encoding.UTF8.GetString(record.Key)} {record.Value.Length}");
            Raw.AddRange(raw.ToArray());
        }
    }
}
