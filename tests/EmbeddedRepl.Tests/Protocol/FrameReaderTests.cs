using System.Buffers;
using System.Buffers.Binary;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Tests.Protocol;

public sealed class FrameReaderTests
{
    [Theory]
    [MemberData(nameof(FrameSamples.Names), MemberType = typeof(FrameSamples))]
    public void Frame_InAnySegments_IsReadAndTheRestIsLeft(string name)
    {
        FrameSample sample = FrameSamples.Get(name);
        byte[] next = [1, 2, 3];
        foreach (ReadOnlySequence<byte> variant in Sequences.Variants([.. sample.Frame, .. next]))
        {
            ReadOnlySequence<byte> buffer = variant;

            Assert.True(FrameReader.TryRead(ref buffer, FrameLimits.Data, out FrameType type, out ReadOnlySequence<byte> payload));
            Assert.Equal(sample.Type, type);
            Assert.Equal(sample.Payload, payload.ToArray());
            Assert.Equal(next, buffer.ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(FrameSamples.Names), MemberType = typeof(FrameSamples))]
    public void Frame_CutAtAnyByte_NeedsMoreAndTakesNothing(string name)
    {
        FrameSample sample = FrameSamples.Get(name);
        for (int length = 0; length < sample.Frame.Length; length++)
        {
            ReadOnlySequence<byte> buffer = new(sample.Frame, 0, length);

            Assert.False(FrameReader.TryRead(ref buffer, FrameLimits.Data, out _, out ReadOnlySequence<byte> payload));
            Assert.Equal(length, buffer.Length);
            Assert.True(payload.IsEmpty);
        }
    }

    [Theory]
    [MemberData(nameof(FrameSamples.Names), MemberType = typeof(FrameSamples))]
    public void Frame_WithAnyBitFlipped_IsNeverHandedOut(string name)
    {
        FrameSample sample = FrameSamples.Get(name);
        for (int bit = 0; bit < sample.Frame.Length * 8; bit++)
        {
            byte[] damaged = [.. sample.Frame];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            ReadOnlySequence<byte> buffer = new(damaged);

            // A larger length only makes the reader wait, until more bytes or the time-out on the link show what it is.
            bool handedOut = false;
            Exception? exception = Xunit.Record.Exception(() => handedOut = FrameReader.TryRead(ref buffer, FrameLimits.Data, out _, out _));
            Assert.False(handedOut);
            Assert.True(exception is null or ProtocolException, $"Bit {bit}: {exception}");
            Assert.True(bit < 32 || exception is ProtocolException, $"Bit {bit} was not noticed.");
        }
    }

    [Theory]
    [InlineData(FrameLimits.BeforeAuthentication)]
    [InlineData(FrameLimits.Control)]
    [InlineData(FrameLimits.Data)]
    public void Length_BeyondTheLimit_IsRefusedAtItsFourthByte(int limit)
    {
        byte[] length = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(length, (uint)limit);
        ReadOnlySequence<byte> allowed = new(length);
        Assert.False(FrameReader.TryRead(ref allowed, limit, out _, out _));

        BinaryPrimitives.WriteUInt32BigEndian(length, (uint)limit + 1);
        ReadOnlySequence<byte> cut = new(length, 0, 3);
        Assert.False(FrameReader.TryRead(ref cut, limit, out _, out _));
        Assert.Throws<ProtocolException>(() => Read(length, limit));
        BinaryPrimitives.WriteUInt32BigEndian(length, uint.MaxValue);
        Assert.Throws<ProtocolException>(() => Read(length, limit));
    }

    [Fact]
    public void ControlFrame_LongerThanAControlFrameMayBe_IsRefusedWhereDataIsAdmitted()
    {
        byte[] header = new byte[FrameHeader.Size];
        new FrameHeader(FrameLimits.Control + 1, FrameType.Heartbeat, 0).Format(header);

        Assert.Throws<ProtocolException>(() => Read(header, FrameLimits.Data));
    }

    [Theory]
    [InlineData(4, 0xff)]
    [InlineData(4, 0x00)]
    [InlineData(5, 0x01)]
    [InlineData(6, 0x80)]
    [InlineData(7, 0x01)]
    public void Header_WithWhatThisVersionDoesNotKnow_IsRefusedBeforeThePayloadIsThere(int position, byte value)
    {
        byte[] header = FrameSamples.Get("heartbeat").Frame[..FrameHeader.Size];
        Assert.False(Read(header, FrameLimits.Data));

        header[position] = value;

        Assert.Throws<ProtocolException>(() => Read(header, FrameLimits.Data));
    }

    [Fact]
    public void FrameTypes_All_HaveALimitAndASample()
    {
        foreach (FrameType type in Enum.GetValues<FrameType>())
        {
            Assert.InRange(FrameLimits.Of(type), 1, FrameLimits.Data);
            Assert.Contains(FrameSamples.All, sample => sample.Type == type);
        }
    }

    private static bool Read(byte[] bytes, int limit)
    {
        ReadOnlySequence<byte> buffer = new(bytes);
        return FrameReader.TryRead(ref buffer, limit, out _, out _);
    }
}
