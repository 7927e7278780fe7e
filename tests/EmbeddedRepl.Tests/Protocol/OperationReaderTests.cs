using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Tests.Protocol;

public sealed class OperationReaderTests
{
    [Theory]
    [MemberData(nameof(OperationSamples.Names), MemberType = typeof(OperationSamples))]
    public void Operation_Whole_IsReadAsItWasWritten(string name)
    {
        RecordSample sample = OperationSamples.Get(name);

        Assert.True(OperationReader.TryRead([.. sample.Bytes, 0x91], RecordSamples.Limits, out Operation operation, out int consumed));

        Assert.Equal(sample.Fields, OperationSamples.Print(operation));
        Assert.Equal(sample.Bytes.Length, consumed);
        Assert.Equal(sample.Bytes.Length, sample.Size);
    }

    [Theory]
    [MemberData(nameof(OperationSamples.Names), MemberType = typeof(OperationSamples))]
    public void Operation_CutAtAnyByte_NeedsMore(string name)
    {
        RecordSample sample = OperationSamples.Get(name);
        for (int length = 0; length < sample.Bytes.Length; length++)
        {
            Assert.False(OperationReader.TryRead(sample.Bytes.AsSpan(0, length), RecordSamples.Limits, out _, out int consumed));
            Assert.Equal(0, consumed);
        }
    }

    [Theory]
    [InlineData("94 03 c4 01 61 01 01", "a touch has a frame of its own")]
    [InlineData("94 05 c4 01 61 01 c4 00", "an entry belongs in a snapshot")]
    [InlineData("94 01 c4 01 61 01 c4 00", "a set with a deadline is a record")]
    [InlineData("91 02", "a remove without a key")]
    [InlineData("93 01 c4 04", "a key beyond the limit")]
    [InlineData("93 01 c4 01 61 c4 09", "a value beyond the limit")]
    [InlineData("96 01 c4 01 61 ff", "a negative expiration")]
    [InlineData("93 06 c4 01 61 c4 00", "a comparison without a version")]
    [InlineData("95 06 c4 01 61 01 c4 09", "a hash beyond its size")]
    [InlineData("94 07 c4 01 61 01 c4 01 00", "a hash below its size")]
    [InlineData("95 07 c4 01 61 01 c4 00", "a value to remove")]
    [InlineData("91 08", "a kind that does not exist")]
    public void Operation_Malformed_IsRefused(string hex, string because)
    {
        byte[] bytes = Convert.FromHexString(hex.Replace(" ", string.Empty, StringComparison.Ordinal));
        Assert.True(
            Assert.Throws<ProtocolException>(() => OperationReader.TryRead(bytes, new RecordLimits(3, 8), out _, out _)).Message.Length > 0,
            because);
    }
}
