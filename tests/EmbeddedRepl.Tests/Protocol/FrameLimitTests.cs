using System.Buffers;
using System.Text;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Tests.Protocol;

public sealed class FrameLimitTests
{
    [Fact]
    public void Ancestors_MoreThanAllowed_AreRefusedWhenReadAndTheNewestAreWritten()
    {
        Ancestor[] ancestors = [.. Enumerable.Range(0, 17).Select(i => new Ancestor(FrameSamples.Id(i), i, AncestorEnd.Restart))];
        ContinueFrame frame = new(FrameSamples.Id(0), 1, FrameSamples.Id(0), ancestors);

        ContinueFrame read = WriteAndRead(frame);
        Assert.Equal(ancestors[..16], read.Ancestors);

        // The array of ancestors starts with 0xdc 0x00 0x10, its 16-bit header: make it 17 long by hand.
        byte[] payload = FramePayload.ToArray(frame);
        byte[] one = [0x93, .. FramePayload.ToArray(new RecoveryRequestFrame(FrameSamples.Run(0), RecoveryMode.Partial, 0))[1..23], 0x05, 0x01];
        int header = payload.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xdc, 0x00, 0x10]);
        payload[header + 2] = 17;
        Assert.Contains("ancestors", Assert.Throws<ProtocolException>(() => Read<ContinueFrame>([.. payload, .. one])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AncestorEnd_Unknown_IsRefused()
    {
        ContinueFrame frame = new(FrameSamples.Id(0), 1, FrameSamples.Id(0), [new Ancestor(FrameSamples.Id(0), 1, (AncestorEnd)3)]);
        Assert.Throws<ProtocolException>(() => WriteAndRead(frame));
    }

    [Fact]
    public void RunIds_MoreThanAllowed_AreWrittenFromTheNearestOn()
    {
        RunId[] ids = [.. Enumerable.Range(0, 65).Select(FrameSamples.Run)];
        NotNowFrame read = WriteAndRead(new NotNowFrame(NotNowReason.Starting, string.Empty, 0, ids));
        Assert.Equal(ids[..64], read.UpstreamRunIds);
    }

    [Fact]
    public void RunIds_MoreThanAllowed_AreRefusedWhenRead()
    {
        ArrayBufferWriter<byte> output = new();
        MessagePackWriter writer = new(output);
        writer.WriteArrayHeader(4);
        writer.Write(1);
        writer.Write(string.Empty);
        writer.Write(0);
        writer.WriteArrayHeader(65);
        for (int i = 0; i < 65; i++)
        {
            writer.Write(FrameSamples.Run(i));
        }

        writer.Flush();
        Assert.Contains("run ids", Assert.Throws<ProtocolException>(() => Read<NotNowFrame>(output.WrittenSpan.ToArray())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(512, 'a', 512)]
    [InlineData(513, 'a', 512)]
    [InlineData(300, 'ü', 256)]
    [InlineData(200, '€', 170)]
    public void Message_TooLong_IsShortenedBetweenCharacters(int length, char character, int expected)
    {
        ErrorFrame read = WriteAndRead(new ErrorFrame(ErrorCode.Internal, new string(character, length)));
        Assert.Equal(new string(character, expected), read.Message);
    }

    [Fact]
    public void Message_CutAtASurrogatePair_KeepsWholePairsOnly()
    {
        string message = string.Concat(Enumerable.Repeat("😀", 200));
        ErrorFrame read = WriteAndRead(new ErrorFrame(ErrorCode.Internal, message));
        Assert.Equal(message[..256], read.Message);
    }

    [Fact]
    public void Message_BeyondTheLimit_IsRefusedWhenRead()
    {
        ArrayBufferWriter<byte> output = new();
        MessagePackWriter writer = new(output);
        writer.WriteArrayHeader(2);
        writer.Write(1);
        writer.Write(new string('a', 513));
        writer.Flush();
        Assert.Throws<ProtocolException>(() => Read<ErrorFrame>(output.WrittenSpan.ToArray()));
    }

    [Fact]
    public void Text_NotValidUtf8_IsRefused()
    {
        Assert.Throws<ProtocolException>(() => Read<ErrorFrame>([0x92, 0x01, 0xa1, 0xff]));
    }

    [Fact]
    public void ErrorFrame_LongestMessage_FitsBeforeAuthentication()
    {
        byte[] payload = FramePayload.ToArray(new ErrorFrame((ErrorCode)int.MaxValue, new string('a', 1000)));
        Assert.InRange(payload.Length, ProtocolLimits.MessageSize, FrameLimits.BeforeAuthentication);
    }

    [Fact]
    public void CacheName_LongestAllowed_FitsTheLimit()
    {
        string name = new('€', 128);
        Assert.InRange(Encoding.UTF8.GetByteCount(name), 1, ProtocolLimits.CacheNameSize);
        Assert.Equal(name, WriteAndRead(new IdentifyFrame(name, FrameSamples.Run(0), 1, 1, null, 0)).CacheName);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(33)]
    public void Proof_OfAnotherSize_IsRefused(int size)
    {
        Assert.Throws<ProtocolException>(() => WriteAndRead(new AuthenticateFrame(new byte[size])));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void Nonce_OfAnotherSize_IsRefused(int size)
    {
        Assert.Throws<ProtocolException>(() => WriteAndRead(new HelloFrame(1, 0, Capabilities.None, Capabilities.None, new byte[size])));
    }

    [Fact]
    public void Hello_OfAnotherProtocol_IsRefused()
    {
        byte[] payload = FrameSamples.Get("hello").Payload;
        payload[2] ^= 1;
        Assert.Contains("ERPL", Assert.Throws<ProtocolException>(() => Read<HelloFrame>(payload)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hello_OfALaterMajorVersion_IsReadSoThatItCanBeRefused()
    {
        Assert.Equal(2, WriteAndRead(new HelloFrame(2, 0, Capabilities.None, Capabilities.None, new byte[32])).MajorVersion);
    }

    [Fact]
    public void Codes_OfALaterMinorVersion_ArePassedOn()
    {
        Assert.Equal((ErrorCode)1000, WriteAndRead(new ErrorFrame((ErrorCode)1000, "new")).Code);
        Assert.Equal((NotNowReason)1000, WriteAndRead(new NotNowFrame((NotNowReason)1000, "new", 0, [])).Reason);
    }

    [Fact]
    public void Touch_OfTheLargestKey_FitsAControlFrame()
    {
        byte[] key = new byte[ReplicatedCacheOptions.MaxKeySizeLimit];
        TouchRequestFrame frame = new(FrameSamples.Run(0), long.MaxValue, [new KeyTouch(key, long.MaxValue, long.MaxValue)]);
        ArrayBufferWriter<byte> output = new();

        FrameWriter.Write(output, frame);

        Assert.Equal(key, WriteAndRead(frame).Touches[0].Key.ToArray());
    }

    [Fact]
    public void Touches_MoreThanAllowed_AreRefused()
    {
        KeyTouch[] touches = [.. Enumerable.Repeat(new KeyTouch(new byte[1], 1, 1), ProtocolLimits.Touches)];
        Assert.Equal(touches.Length, WriteAndRead(new TouchRequestFrame(FrameSamples.Run(0), 1, touches)).Touches.Count);
        Assert.Throws<ProtocolException>(() => WriteAndRead(new TouchRequestFrame(FrameSamples.Run(0), 1, [.. touches, touches[0]])));
    }

    [Fact]
    public void WriteRequest_WithAsManyBytesAsAllowed_IsWrittenAndWithMoreIsNot()
    {
        ArrayBufferWriter<byte> output = new();
        FrameWriter.Write(output, Request(FrameLimits.DataBytes));
        Assert.Equal(FrameLimits.DataBytes, WriteAndRead(Request(FrameLimits.DataBytes)).Operations.Length);
        Assert.Throws<ProtocolException>(() => WriteAndRead(Request(FrameLimits.DataBytes + 1)));
        Assert.Throws<ArgumentException>(() => FrameWriter.Write(output, Request(FrameLimits.Data)));

        static WriteRequestFrame Request(int size) =>
            new(FrameSamples.Run(0), long.MaxValue, long.MaxValue, IsLast: false, new ReadOnlySequence<byte>(new byte[size]));
    }

    [Fact]
    public void Chunks_OfTheLargestSize_AreReadAndLargerOrEmptyOnesAreRefusedOnBothSides()
    {
        ReadOnlySequence<byte> largest = new(new byte[FrameLimits.DataBytes]);
        ReadOnlySequence<byte> larger = new(new byte[FrameLimits.DataBytes + 1]);
        ArrayBufferWriter<byte> output = new();

        FrameWriter.WriteStreamChunk(output, long.MaxValue - FrameLimits.DataBytes, largest);
        FrameWriter.WriteSnapshotChunk(output, largest);

        ReadOnlySequence<byte> buffer = new(output.WrittenMemory);
        Assert.True(FrameReader.TryRead(ref buffer, FrameLimits.Data, out _, out ReadOnlySequence<byte> stream));
        Assert.Equal(largest.Length, StreamChunkFrame.Read(stream).Bytes.Length);
        Assert.True(FrameReader.TryRead(ref buffer, FrameLimits.Data, out _, out ReadOnlySequence<byte> snapshot));
        Assert.Equal(largest.Length, SnapshotChunkFrame.Read(snapshot).Bytes.Length);
        Assert.Throws<ArgumentException>(() => FrameWriter.WriteStreamChunk(output, 0, larger));
        Assert.Throws<ArgumentException>(() => FrameWriter.WriteSnapshotChunk(output, larger));
        Assert.Throws<ArgumentException>(() => FrameWriter.WriteSnapshotChunk(output, ReadOnlySpan<byte>.Empty));
        Assert.Throws<ArgumentException>(() => FrameWriter.WriteStreamChunk(output, 0, ReadOnlySequence<byte>.Empty));
        Assert.Throws<ProtocolException>(() => SnapshotChunkFrame.Read(larger));
        Assert.Throws<ProtocolException>(() => SnapshotChunkFrame.Read(ReadOnlySequence<byte>.Empty));
        Assert.Throws<ProtocolException>(() => StreamChunkFrame.Read(new ReadOnlySequence<byte>(new byte[8])));
        Assert.Throws<ProtocolException>(() => StreamChunkFrame.Read(new ReadOnlySequence<byte>(new byte[3])));
        Assert.Throws<ProtocolException>(() => StreamChunkFrame.Read(new ReadOnlySequence<byte>(new byte[FrameLimits.DataBytes + 9])));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public void StreamChunk_AtAnImpossibleOffset_IsRefused(long offset)
    {
        byte[] payload = new byte[9];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(payload, offset);
        Assert.Throws<ProtocolException>(() => StreamChunkFrame.Read(new ReadOnlySequence<byte>(payload)));
    }

    private static T WriteAndRead<T>(T frame)
        where T : struct, IFrame<T> => Read<T>(FramePayload.ToArray(frame));

    private static T Read<T>(byte[] payload)
        where T : struct, IFrame<T> => FramePayload.Read<T>(new ReadOnlySequence<byte>(payload));
}
