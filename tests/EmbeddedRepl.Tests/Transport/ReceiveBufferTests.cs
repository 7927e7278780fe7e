using System.Buffers;
using System.Net;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.Tests.Transport;

public sealed class ReceiveBufferTests
{
    [Fact]
    public void Fill_Arrivals_BufferHasThemInOrder()
    {
        ReceiveBuffer buffer = new(limit: 1000);
        ScriptedSource source = new(maxRead: 3);

        Assert.Equal(3, buffer.Fill(source));
        Assert.Equal(3, buffer.Fill(source));
        buffer.Advance(2);

        Assert.Equal([2, 3, 4, 5], buffer.Buffer.ToArray());
        Assert.Equal(4, buffer.Length);
    }

    [Fact]
    public void Fill_EndOfStream_ZeroAndNothingLost()
    {
        ReceiveBuffer buffer = new(limit: 1000);
        ScriptedSource source = new(maxRead: 3, total: 3);
        buffer.Fill(source);

        Assert.Equal(0, buffer.Fill(source));
        Assert.Equal(3, buffer.Length);
    }

    [Fact]
    public void Fill_LimitBytesBuffered_RefusedBecauseNoFrameNeedsMore()
    {
        ReceiveBuffer buffer = new(limit: 10);
        ScriptedSource source = new(maxRead: 10);
        buffer.Fill(source);

        Assert.Throws<InvalidOperationException>(() => buffer.Fill(source));
        buffer.Advance(1);
        Assert.NotEqual(0, buffer.Fill(source));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1 << 20)]
    public void Fill_FramesOfAnySize_StreamIntactAndMemoryAtMostMaxCapacity(int maxRead)
    {
        const int Limit = 20_000;
        const int Total = 500_000;
        ReceiveBuffer buffer = new(Limit);
        ScriptedSource source = new(maxRead, Total);
        Random random = new(maxRead);
        int position = 0;
        while (position < Total)
        {
            int frame = Math.Min(random.Next(4) == 0 ? Limit : random.Next(1, 200), Total - position);
            while (buffer.Length < frame)
            {
                Assert.NotEqual(0, buffer.Fill(source));
                Assert.InRange(buffer.Capacity, 1, 2 * Limit);
            }

            Assert.True(buffer.Buffer.IsSingleSegment);
            foreach (byte value in buffer.Buffer.FirstSpan[..frame])
            {
                if (value != (byte)position++)
                {
                    Assert.Fail($"Wrong byte at {position - 1}.");
                }
            }

            buffer.Advance(frame);
        }
    }

    [Fact]
    [Trait("Behaviour", "F3")]
    public void Capacity_SmallLimitAndFloodingPeer_StaysSmall()
    {
        ReceiveBuffer buffer = new(limit: 1036);
        ScriptedSource source = new(maxRead: int.MaxValue);
        Assert.Equal(0, buffer.Capacity);
        for (int i = 0; i < 100; i++)
        {
            buffer.Fill(source);
            buffer.Advance(buffer.Length);
        }

        Assert.InRange(buffer.Capacity, 1, 2 * 1036);
    }

    [Fact]
    public void Limit_RaisedLater_LargerFramesFit()
    {
        ReceiveBuffer buffer = new(limit: 1000) { Limit = 300_000 };
        ScriptedSource source = new(maxRead: int.MaxValue);
        while (buffer.Length < 300_000)
        {
            buffer.Fill(source);
        }

        Assert.InRange(buffer.Capacity, 300_000, 300_000 + ReceiveBuffer.ReadAhead);
    }

    [Fact]
    public void Advance_MoreThanBuffered_Refused()
    {
        ReceiveBuffer buffer = new(limit: 10);

        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Advance(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Advance(-1));
    }

    /// <summary>Gives the bytes 0, 1, 2, … in reads of at most a given size, up to a total.</summary>
    private sealed class ScriptedSource(int maxRead, int total = int.MaxValue) : IConnection
    {
        private int _position;

        public EndPoint? RemoteEndPoint => null;

        public EndPoint? LocalEndPoint => null;

        public bool IsLoopbackPeer => true;

        public string Description => "script";

        public bool TakesBytesNow => true;

        public int Read(Span<byte> destination)
        {
            int count = Math.Min(Math.Min(maxRead, destination.Length), total - _position);
            for (int i = 0; i < count; i++)
            {
                destination[i] = (byte)_position++;
            }

            return count;
        }

        public void Write(ReadOnlySpan<byte> source) => throw new NotSupportedException();

        public void FinishWriting() => throw new NotSupportedException();

        public void Abort() => throw new NotSupportedException();

        public void Dispose() => throw new NotSupportedException();
    }
}
