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
