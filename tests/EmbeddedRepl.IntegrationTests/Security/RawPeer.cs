using System.Buffers;
using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Security;

/// <summary>A peer that speaks whatever the test makes it say. Reads give up after <see cref="TestNode.Patience"/>.</summary>
internal sealed class RawPeer : IDisposable
{
    private readonly IConnection _connection;
    private readonly ReceiveBuffer _received = new(FrameHeader.Size + FrameLimits.Data);
    private readonly Timer _watchdog;

    public RawPeer(IConnection connection)
    {
        _connection = connection;
        _watchdog = new Timer(_ => connection.Abort(), null, TestNode.Patience, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Every byte that came, in order.</summary>
    public List<byte> ReceivedBytes { get; } = [];

    public static RawPeer Connect(string endPoint) => new(new TcpConnector().Connect(HostEndPoint.Parse(endPoint), TestNode.Patience));

    public void Send<T>(in T frame)
        where T : struct, IFrame<T>
    {
        var output = new ArrayBufferWriter<byte>();
        FrameWriter.Write(output, frame);
        _connection.Write(output.WrittenSpan);
    }

    public void SendBytes(ReadOnlySpan<byte> bytes) => _connection.Write(bytes);

    /// <summary>The next frame, which must be of this type.</summary>
    public T Expect<T>()
        where T : struct, IFrame<T>
    {
        (FrameType type, byte[] payload) = ReadFrame() ?? throw new IOException($"The connection ended instead of bringing {T.Type}.");
        Assert.Equal(T.Type, type);
        return FramePayload.Read<T>(new ReadOnlySequence<byte>(payload));
    }

    /// <summary>The next frame, or null at the end of the connection.</summary>
    public (FrameType Type, byte[] Payload)? ReadFrame()
    {
        while (true)
        {
            ReadOnlySequence<byte> buffer = _received.Buffer;
            if (FrameReader.TryRead(ref buffer, FrameLimits.Data, out FrameType type, out ReadOnlySequence<byte> payload))
            {
                byte[] copy = payload.ToArray();
                _received.Advance(_received.Length - buffer.Length);
                return (type, copy);
            }

            int before = _received.Length;
            if (_received.Fill(_connection) == 0)
            {
                return null;
            }

            ReceivedBytes.AddRange(_received.Buffer.Slice(before).ToArray());
        }
    }

    public void Dispose()
    {
        _watchdog.Dispose();
        _connection.Dispose();
    }
}
