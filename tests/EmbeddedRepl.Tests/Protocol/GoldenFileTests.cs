using System.Buffers;
using EmbeddedRepl.Protocol;
using Record = EmbeddedRepl.Protocol.Record;

namespace EmbeddedRepl.Tests.Protocol;

public sealed class GoldenFileTests
{
    [Theory]
    [MemberData(nameof(FrameSamples.Names), MemberType = typeof(FrameSamples))]
    public void Frame_Written_HasTheRecordedBytes(string name) => GoldenFiles.Check("frame-" + name, FrameSamples.Get(name).Frame);

    [Theory]
    [MemberData(nameof(RecordSamples.NamesOfShort), MemberType = typeof(RecordSamples))]
    public void Record_Written_HasTheRecordedBytes(string name) => GoldenFiles.Check("record-" + name, RecordSamples.Get(name).Bytes);

    [Theory]
    [MemberData(nameof(OperationSamples.Names), MemberType = typeof(OperationSamples))]
    public void Operation_Written_HasTheRecordedBytes(string name) => GoldenFiles.Check("operation-" + name, OperationSamples.Get(name).Bytes);

    [Theory]
    [MemberData(nameof(FrameSamples.Names), MemberType = typeof(FrameSamples))]
    public void Frame_Recorded_IsReadToday(string name)
    {
        FrameSample sample = FrameSamples.Get(name);
        var buffer = new ReadOnlySequence<byte>(GoldenFiles.Read("frame-" + name));

        Assert.True(FrameReader.TryRead(ref buffer, FrameLimits.Data, out FrameType type, out ReadOnlySequence<byte> payload));

        Assert.Equal(sample.Type, type);
        Assert.Equal(sample.Payload, sample.ReadAndWrite(payload));
        Assert.True(buffer.IsEmpty);
    }

    [Theory]
    [MemberData(nameof(RecordSamples.NamesOfShort), MemberType = typeof(RecordSamples))]
    public void Record_Recorded_IsReadToday(string name)
    {
        byte[] recorded = GoldenFiles.Read("record-" + name);

        Assert.True(RecordReader.TryRead(recorded, RecordSamples.Limits, out Record record, out int consumed));

        Assert.Equal((recorded.Length, RecordSamples.Get(name).Fields), (consumed, RecordSamples.Print(record, record.Value)));
    }

    [Theory]
    [MemberData(nameof(OperationSamples.Names), MemberType = typeof(OperationSamples))]
    public void Operation_Recorded_IsReadToday(string name)
    {
        byte[] recorded = GoldenFiles.Read("operation-" + name);

        Assert.True(OperationReader.TryRead(recorded, RecordSamples.Limits, out Operation operation, out int consumed));

        Assert.Equal((recorded.Length, OperationSamples.Get(name).Fields), (consumed, OperationSamples.Print(operation)));
    }

    [Fact]
    public void Recordings_All_BelongToAFrameRecordOrOperation()
    {
        IEnumerable<string> known =
        [
            .. FrameSamples.All.Select(static sample => "frame-" + sample.Name),
            .. RecordSamples.All.Select(static sample => "record-" + sample.Name),
            .. OperationSamples.All.Select(static sample => "operation-" + sample.Name),
        ];
        Assert.Empty(GoldenFiles.Names().Except(known));
    }
}
