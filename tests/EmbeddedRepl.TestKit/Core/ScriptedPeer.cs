using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;

namespace EmbeddedRepl.TestKit.Core;

/// <summary>One endpoint of a core whose other end is the test: frames in, frames out.</summary>
internal abstract class ScriptedPeer(CoreNode node)
{
    private readonly ArrayBufferWriter<byte> _sent = new();
    private byte[] _unread = [];

    public CoreNode Node { get; } = node;

    public abstract PeerEndpoint Endpoint { get; }

    /// <summary>Hands bytes to the endpoint, which takes whole frames from them.</summary>
    public void GiveBytes(ReadOnlySpan<byte> bytes)
    {
        var buffer = new ReadOnlySequence<byte>([.. _unread, .. bytes]);
        while (Endpoint.TryReceive(ref buffer, Node.Now))
        {
            AfterFrame();
        }

        _unread = buffer.ToArray();
    }

    public void Give<T>(in T frame)
        where T : struct, IFrame<T>
    {
        var output = new ArrayBufferWriter<byte>();
        FrameWriter.Write(output, frame);
        GiveBytes(output.WrittenSpan);
    }

    public void GiveStream(long startOffset, ReadOnlySpan<byte> bytes)
    {
        var output = new ArrayBufferWriter<byte>();
        FrameWriter.WriteStreamChunk(output, startOffset, new ReadOnlySequence<byte>(bytes.ToArray()));
        GiveBytes(output.WrittenSpan);
    }

    public void GiveSnapshot(ReadOnlySpan<byte> bytes)
    {
        var output = new ArrayBufferWriter<byte>();
        FrameWriter.WriteSnapshotChunk(output, bytes);
        GiveBytes(output.WrittenSpan);
    }

    /// <summary>The bytes that the endpoint has to send now.</summary>
    public byte[] TakeBytes()
    {
        _sent.ResetWrittenCount();
        SendAll(_sent);
        return _sent.WrittenSpan.ToArray();
    }

    /// <summary>The frames that the endpoint has to send now.</summary>
    public List<SentFrame> Take()
    {
        var buffer = new ReadOnlySequence<byte>(TakeBytes());
        List<SentFrame> frames = [];
        while (FrameReader.TryRead(ref buffer, FrameLimits.Data, out FrameType type, out ReadOnlySequence<byte> payload))
        {
            frames.Add(new SentFrame(type, payload.ToArray()));
        }

        return frames;
    }

    /// <summary>The only frame that the endpoint has to send now.</summary>
    public T TakeOne<T>()
        where T : struct, IFrame<T>
    {
        SentFrame frame = Take().Single();
        return frame.Type == T.Type ? frame.Read<T>() : throw new InvalidOperationException($"Expected {T.Type}, but {frame.Type} was sent.");
    }

    protected abstract void SendAll(ArrayBufferWriter<byte> output);

    protected virtual void AfterFrame()
    {
    }
}
