using EmbeddedRepl.TestKit;
using EmbeddedRepl.Tests.Transport;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.Tests.TestKit;

public sealed class FaultProxyTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private static readonly byte[] Payload = [.. Enumerable.Range(0, 50_000).Select(i => (byte)(i * 7))];

    private readonly TcpTransportListener _target = TcpTransportListener.Open(HostEndPoint.Parse("127.0.0.1:0"))[0];
    private readonly FaultProxy _proxy;

    public FaultProxyTests()
    {
        _proxy = new FaultProxy(HostEndPoint.From(_target.LocalEndPoint), seed: 1);
    }

    public void Dispose()
    {
        _proxy.Dispose();
        _target.Dispose();
    }

    [Fact]
    public void NoFaults_BothDirections_BytesAndEndPass()
    {
        (IConnection client, IConnection accepted) = Connect();
        client.Write(Payload);
        client.FinishWriting();
        Assert.Equal(Payload, ReadAll(accepted));
        accepted.Write("answer"u8);
        accepted.Dispose();

        Assert.Equal("answer"u8.ToArray(), ReadAll(client));
        FaultStatistics statistics = _proxy.Statistics;
        Assert.Equal((1, Payload.Length, 6, 0, 0), (statistics.Connections, statistics.BytesToTarget, statistics.BytesToClient, statistics.Resets, statistics.BitsFlipped));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public void MaxPiece_SmallPieces_NothingIsLost(int maxPiece)
    {
        _proxy.ToTarget.MaxPiece = maxPiece;
        (IConnection client, IConnection accepted) = Connect();
        client.Write(Payload);
        client.FinishWriting();

        Assert.Equal(Payload, ReadAll(accepted));
    }

    [Fact]
    public void DelayAndBytesPerSecond_Set_NothingIsLost()
    {
        _proxy.ToTarget.Delay = TimeSpan.FromMilliseconds(2);
        _proxy.ToTarget.BytesPerSecond = 10_000_000;
        (IConnection client, IConnection accepted) = Connect();
        client.Write(Payload);
        client.FinishWriting();

        Assert.Equal(Payload, ReadAll(accepted));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(20_000)]
    public void ResetAt_Position_BytesBeforeItOnlyAndOnce(long position)
    {
        _proxy.ToTarget.ResetAt = position;
        (IConnection client, IConnection accepted) = Connect();
        BackgroundCall writer = new(() => client.Write(Payload));
        int received = 0;
        BackgroundCall reader = new(() =>
        {
            byte[] buffer = new byte[1000];
            while (true)
            {
                received += accepted.Read(buffer);
            }
        });
        Assert.IsType<IOException>(reader.Join());
        writer.Join();

        // The reset may overtake bytes that were passed on, but nothing behind the position may pass.
        Assert.InRange(received, 0, position);
        Assert.Equal(position, _proxy.Statistics.BytesToTarget);
        Assert.Equal(1, _proxy.Statistics.Resets);
        Assert.Null(_proxy.ToTarget.ResetAt);

        (client, accepted) = Connect();
        client.Write(Payload);
        client.FinishWriting();
        Assert.Equal(Payload, ReadAll(accepted));
    }

    [Fact]
    public void CutNext_OnAnOpenConnection_HalfOfThePieceAndThenAReset()
    {
        (IConnection client, IConnection accepted) = Connect();
        client.Write("before"u8);
        byte[] buffer = new byte[100];
        int received = accepted.Read(buffer);
        while (received < 6)
        {
            received += accepted.Read(buffer);
        }

        _proxy.ToTarget.CutNext();
        client.Write(Payload.AsSpan(0, 1_000));
        BackgroundCall reader = new(() =>
        {
            while (true)
            {
                received += accepted.Read(buffer);
            }
        });
        Assert.IsType<IOException>(reader.Join());

        Assert.InRange(_proxy.Statistics.BytesToTarget, 6, 1_005);
        Assert.Equal(1, _proxy.Statistics.Resets);
        (client, accepted) = Connect();
        client.Write(Payload);
        client.FinishWriting();
        Assert.Equal(Payload, ReadAll(accepted));
    }

    [Fact]
    public void FlipNext_OnAnOpenConnection_OneBitAndOnce()
    {
        (IConnection client, IConnection accepted) = Connect();
        _proxy.ToTarget.FlipNext();
        client.Write(Payload);
        client.FinishWriting();
        byte[] received = ReadAll(accepted);

        Assert.Equal([0], Enumerable.Range(0, Payload.Length).Where(i => received[i] != Payload[i]));
        Assert.Equal(1, int.PopCount(received[0] ^ Payload[0]));
        Assert.Equal(1, _proxy.Statistics.BitsFlipped);
    }

    [Fact]
    public void FlipAt_Position_OneBitOfThatByteAndOnce()
    {
        _proxy.ToTarget.FlipAt = 12_345;
        (IConnection client, IConnection accepted) = Connect();
        client.Write(Payload);
        client.FinishWriting();
        byte[] received = ReadAll(accepted);

        int[] damaged = [.. Enumerable.Range(0, Payload.Length).Where(i => received[i] != Payload[i])];
        Assert.Equal([12_345], damaged);
        Assert.Equal(1, int.PopCount(received[12_345] ^ Payload[12_345]));
        Assert.Equal(1, _proxy.Statistics.BitsFlipped);
        Assert.Null(_proxy.ToTarget.FlipAt);
    }

    [Fact]
    public void IsStalled_OneDirection_TheOtherOneWorksAndTheBytesComeLater()
    {
        (IConnection client, IConnection accepted) = Connect();
        _proxy.ToTarget.IsStalled = true;
        client.Write("held"u8);
        accepted.Write("passes"u8);
        Assert.Equal(6, client.Read(new byte[10]));
        Assert.Equal(0, _proxy.Statistics.BytesToTarget);

        _proxy.ToTarget.IsStalled = false;

        Assert.Equal(4, accepted.Read(new byte[10]));
    }

    [Fact]
    public void ResetAll_ReadersWaitOnAStalledLink_BothEndsFail()
    {
        (IConnection client, IConnection accepted) = Connect();
        _proxy.Stall(true);
        client.Write("held"u8);
        BackgroundCall near = new(() => client.Read(new byte[1]));
        BackgroundCall far = new(() => accepted.Read(new byte[1]));

        _proxy.ResetAll();

        Assert.IsType<IOException>(near.Join());
        Assert.IsType<IOException>(far.Join());
        SpinWait.SpinUntil(() => _proxy.OpenConnections == 0, Timeout);
        Assert.Equal(0, _proxy.OpenConnections);
        Assert.Equal(1, _proxy.Statistics.Resets);
    }

    [Fact]
    public void IsRefusing_NewConnection_Reset()
    {
        _proxy.IsRefusing = true;

        AssertRefused();
    }

    [Fact]
    public void TargetGone_NewConnection_Reset()
    {
        _target.Dispose();

        AssertRefused();
    }

    [Fact]
    public void Seed_SameSeed_SameDamage()
    {
        byte[] first = Damage(seed: 7);

        Assert.Equal(first, Damage(seed: 7));
        Assert.Contains(Enumerable.Range(8, 20), seed => !Damage(seed).AsSpan().SequenceEqual(first));
    }

    private byte[] Damage(int seed)
    {
        using FaultProxy proxy = new(HostEndPoint.From(_target.LocalEndPoint), seed);
        proxy.ToTarget.FlipAt = 3;
        using IConnection client = new TcpConnector().Connect(proxy.EndPoint, Timeout);
        using IConnection accepted = _target.Accept();
        client.Write(Payload.AsSpan(0, 10));
        client.FinishWriting();
        return ReadAll(accepted);
    }

    private void AssertRefused()
    {
        // The reset can arrive while the connection is being set up or right after.
        Assert.Throws<IOException>(() =>
        {
            using IConnection client = new TcpConnector().Connect(_proxy.EndPoint, Timeout);
            client.Read(new byte[1]);
        });
        SpinWait.SpinUntil(() => _proxy.Statistics.Refused == 1, Timeout);
        Assert.Equal(1, _proxy.Statistics.Refused);
    }

    private (IConnection Client, IConnection Accepted) Connect()
    {
        IConnection client = new TcpConnector().Connect(_proxy.EndPoint, Timeout);
        return (client, _target.Accept());
    }

    private static byte[] ReadAll(IConnection connection)
    {
        using MemoryStream bytes = new();
        byte[] buffer = new byte[10_000];
        while (connection.Read(buffer) is var count and > 0)
        {
            bytes.Write(buffer.AsSpan(0, count));
        }

        return bytes.ToArray();
    }
}
