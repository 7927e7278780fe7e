using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Handshake;
using EmbeddedRepl.Replication.Replica;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.Comparison.Sinks;

/// <summary>
/// A receiver that speaks the protocol of a replica and verifies what it gets (the checksum of each frame, offsets without gaps, a checksum of the
/// stream), but builds no store. It acknowledges what it has verified.
/// </summary>
internal sealed class StreamSink : IDisposable
{
    private static readonly TimeSpan AckEvery = TimeSpan.FromMilliseconds(500);

    private readonly ReceiveBuffer _received = new(FrameHeader.Size + FrameLimits.Data);
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly ReplicaHandshake _handshake = new(new NodeSettings(), RunId.NewId(), SystemNodeRandom.Instance, announcedHost: null, announcedPort: 0);
    private readonly IConnection _connection;
    private readonly Thread _thread;
    private long _offset;
    private long _lastAckAt;
    private long _receivedBytes;
    private long _chunks;
    private volatile bool _isDisposed;

    /// <summary>Connects and asks for a full sync.</summary>
    public StreamSink(string master)
    {
        _connection = new TcpConnector().Connect(HostEndPoint.Parse(master), TimeSpan.FromSeconds(30));
        _thread = new Thread(Run) { IsBackground = true, Name = "sink" };
        _thread.Start();
    }

    /// <summary>Whether the snapshot has been received whole.</summary>
    public bool IsStreaming { get; private set; }

    /// <summary>The end of the stream that was received.</summary>
    public long Offset => Volatile.Read(ref _offset);

    /// <summary>Bytes received so far, whatever they were.</summary>
    public long ReceivedBytes => Volatile.Read(ref _receivedBytes);

    /// <summary>Pieces of stream received so far; each was sent by a call of its own.</summary>
    public long Chunks => Volatile.Read(ref _chunks);

    /// <summary>What went wrong, or null.</summary>
    public string? Failure { get; private set; }

    public WindowHashes Hashes { get; } = new();

    public void Dispose()
    {
        _isDisposed = true;
        _connection.Abort();
        _thread.Join();
        _connection.Dispose();
    }

    private void Run()
    {
        try
        {
            _handshake.Start(_output);
            int count;
            do
            {
                Send();
                ReadOnlySequence<byte> buffer = _received.Buffer;
                long before = buffer.Length;
                while (FrameReader.TryRead(ref buffer, FrameLimits.Data, out FrameType type, out ReadOnlySequence<byte> payload))
                {
                    Receive(type, payload);
                }

                _received.Advance(before - buffer.Length);
                Acknowledge();
                Send();
                count = _received.Fill(_connection);
                Volatile.Write(ref _receivedBytes, _receivedBytes + count);
            }
            while (count > 0);
            Failure = _isDisposed ? null : "the master closed the connection";
        }
        catch (Exception exception) when (exception is IOException or ProtocolException)
        {
            Failure = _isDisposed ? null : exception.Message;
        }
    }

    private void Receive(FrameType type, in ReadOnlySequence<byte> payload)
    {
        if (!_handshake.IsComplete)
        {
            _handshake.Receive(type, payload, _output);
            if (_handshake.IsComplete)
            {
                FrameWriter.Write(_output, new SyncRequestFrame(ReplicationId.None, 0, ReplicationId.None, [], HoldsData: false));
            }

            return;
        }

        switch (type)
        {
            case FrameType.FullSyncOffer:
                FrameWriter.Write(_output, new FullSyncAcceptFrame());
                break;
            case FrameType.FullSyncStart:
                _offset = FramePayload.Read<FullSyncStartFrame>(payload).StartOffset;
                Hashes.Begin(_offset);
                break;
            case FrameType.StreamChunk:
                Verify(StreamChunkFrame.Read(payload));
                break;
            case FrameType.SnapshotEnd when FramePayload.Read<SnapshotEndFrame>(payload).EndOffset == _offset:
                IsStreaming = true;
                break;
            case FrameType.FullSyncWait or FrameType.SnapshotChunk or FrameType.Heartbeat:
                break;
            default:
                throw new ProtocolException($"Unexpected {type} at offset {_offset}.");
        }
    }

    private void Verify(in StreamChunkFrame chunk)
    {
        StreamContinuity.Check(_offset, chunk.StartOffset);
        foreach (ReadOnlyMemory<byte> segment in chunk.Bytes)
        {
            Hashes.Add(segment.Span);
        }

        Volatile.Write(ref _chunks, _chunks + 1);
        Volatile.Write(ref _offset, _offset + chunk.Bytes.Length);
    }

    private void Acknowledge()
    {
        if (_handshake.IsComplete && TimeProvider.System.GetElapsedTime(_lastAckAt) >= AckEvery)
        {
            _lastAckAt = TimeProvider.System.GetTimestamp();
            FrameWriter.Write(_output, new AckFrame(IsStreaming ? _offset : 0, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), 0, 0));
        }
    }

    private void Send()
    {
        if (_output.WrittenCount > 0)
        {
            _connection.Write(_output.WrittenSpan);
            _output.ResetWrittenCount();
        }
    }
}
