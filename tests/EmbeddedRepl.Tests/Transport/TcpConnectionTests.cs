using System.Net;
using System.Net.Sockets;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.Tests.Transport;

public sealed class TcpConnectionTests : IDisposable
{
    private readonly TcpPair _pair = new();

    public void Dispose() => _pair.Dispose();

    [Fact]
    public void Write_OtherEndReads_SameBytes()
    {
        byte[] sent = new byte[3 << 20];
        new Random(1).NextBytes(sent);
        BackgroundCall writer = new(() => _pair.Near.Write(sent));

        byte[] received = new byte[sent.Length];
        int count = 0;
        while (count < received.Length)
        {
            count += _pair.Far.Read(received.AsSpan(count));
        }

        Assert.Null(writer.Join());
        Assert.Equal(sent, received);
    }

    [Fact]
    public void Read_OtherEndFinishedWriting_RestThenZeroAndTheOtherDirectionWorks()
    {
        _pair.Near.Write("ab"u8);
        _pair.Near.FinishWriting();
        byte[] buffer = new byte[10];

        Assert.Equal(2, _pair.Far.Read(buffer));
        Assert.Equal(0, _pair.Far.Read(buffer));
        _pair.Far.Write("c"u8);
        Assert.Equal(1, _pair.Near.Read(buffer));
    }

    [Fact]
    public void Read_OtherEndAborted_IOException()
    {
        _pair.Far.Abort();

        Assert.Throws<IOException>(() => _pair.Near.Read(new byte[1]));
    }

    [Fact]
    public void Write_OtherEndClosed_IOExceptionSoonerOrLater()
    {
        _pair.Far.Dispose();

        BackgroundCall writer = new(() =>
        {
            while (true)
            {
                _pair.Near.Write(new byte[1000]);
            }
        });

        Assert.IsType<IOException>(writer.Join());
    }

    [Fact]
    public void Abort_ReadWaits_ReadEndsWithIOException()
    {
        // Some of the aborts come before the call is inside the operating system, some after.
        for (int i = 0; i < 200; i++)
        {
            using TcpPair pair = new();
            BackgroundCall reader = new(() => pair.Near.Read(new byte[1]));
            Thread.SpinWait(i * 100);

            pair.Near.Abort();

            Assert.IsType<IOException>(reader.Join());
        }
    }

    [Fact]
    public void Abort_WriteWaitsWithFullBuffers_WriteEndsWithIOException()
    {
        for (int i = 0; i < 20; i++)
        {
            using TcpPair pair = new();
            BackgroundCall writer = new(() => pair.Near.Write(new byte[64 << 20]));
            SpinWait.SpinUntil(() => !pair.NearSocket.Poll(0, SelectMode.SelectWrite));

            pair.Near.Abort();

            Assert.IsType<IOException>(writer.Join());
        }
    }

    [Fact]
    public void Abort_BothDirectionsWait_BothEnd()
    {
        BackgroundCall reader = new(() => _pair.Near.Read(new byte[1]));
        BackgroundCall writer = new(() => _pair.Near.Write(new byte[64 << 20]));
        SpinWait.SpinUntil(() => !_pair.NearSocket.Poll(0, SelectMode.SelectWrite));

        _pair.Near.Abort();

        Assert.IsType<IOException>(reader.Join());
        Assert.IsType<IOException>(writer.Join());
    }

    [Fact]
    public void Abort_ReadWaits_OtherEndFailsInsteadOfSeeingAnOrderlyEnd()
    {
        BackgroundCall reader = new(() => _pair.Near.Read(new byte[1]));

        _pair.Near.Abort();

        Assert.IsType<IOException>(reader.Join());
        Assert.Throws<IOException>(() => _pair.Far.Read(new byte[1]));
    }

    [Fact]
    public void Abort_ManyThreadsAndTimes_EveryLaterCallIsAnIOException()
    {
        BackgroundCall[] calls = [.. Enumerable.Range(0, 4).Select(_ => new BackgroundCall(_pair.Near.Abort))];
        Assert.All(calls, call => Assert.Null(call.Join()));
        _pair.Near.Dispose();

        Assert.Throws<IOException>(() => _pair.Near.Read(new byte[1]));
        Assert.Throws<IOException>(() => _pair.Near.Write(new byte[1]));
        Assert.Throws<IOException>(_pair.Near.FinishWriting);
    }

    [Fact]
    public void Dispose_BytesUnderWay_TheyArrive()
    {
        _pair.Near.Write("last words"u8);
        _pair.Near.Dispose();
        byte[] buffer = new byte[100];

        Assert.Equal(10, _pair.Far.Read(buffer));
        Assert.Equal(0, _pair.Far.Read(buffer));
    }

    [Fact]
    public void Read_EmptyDestination_RefusedBecauseZeroWouldMeanTheEnd() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _pair.Near.Read(Span<byte>.Empty));

    [Fact]
    public void EndPoints_AfterDispose_StillThere()
    {
        EndPoint? local = _pair.Far.LocalEndPoint;
        _pair.Near.Dispose();

        Assert.Equal(local, _pair.Near.RemoteEndPoint);
        Assert.True(_pair.Near.IsLoopbackPeer);
        Assert.Equal(local!.ToString(), _pair.Near.Description);
    }

    [Fact]
    public void Constructor_Socket_NoDelayAndKeepAlive()
    {
        Assert.True(_pair.NearSocket.NoDelay);
        Assert.NotEqual(0, (int)_pair.NearSocket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)!);
    }
}
