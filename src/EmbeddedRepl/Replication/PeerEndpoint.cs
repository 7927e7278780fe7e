using System.Buffers;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication;

/// <summary>
/// One end of one connection, without the connection: bytes and moments in, bytes and deadlines out. The loops around it
/// (or the simulation) carry the bytes. Everything is called under the gate of the node unless a member says otherwise.
/// </summary>
internal abstract class PeerEndpoint
{
    private readonly ArrayBufferWriter<byte> _controlFrames = new(256);

    /// <summary>When the last byte came from the other end.</summary>
    public long LastReceivedAt { get; protected set; }

    public bool IsClosed => ClosedFor != CloseReason.None;

    public CloseReason ClosedFor { get; private set; }

    public string CloseMessage { get; private set; } = "";

    public long ClosedAt { get; private set; }

    /// <summary>The largest payload that may come next; small until the other end has proved the password.</summary>
    public abstract int MaxPayload { get; }

    /// <summary>Control frames that wait to be sent, in order.</summary>
    protected ArrayBufferWriter<byte> ControlFrames => _controlFrames;

    /// <summary>Takes one frame from the front of what has arrived.</summary>
    /// <returns>Whether there was a whole one; false also when the endpoint is closed.</returns>
    public bool TryReceive(ref ReadOnlySequence<byte> buffer, Moment now)
    {
        if (IsClosed)
        {
            return false;
        }

        try
        {
            if (!FrameReader.TryRead(ref buffer, MaxPayload, out FrameType type, out ReadOnlySequence<byte> payload))
            {
                return false;
            }

            LastReceivedAt = now.Ticks;
            Receive(type, payload, now);
            return true;
        }
        catch (ProtocolException exception)
        {
            Fail(exception, now);
            return false;
        }
    }

    /// <summary>
    /// Ends the connection. Frames that are queued, and an error frame if a code is given, are still handed out, so that
    /// the other end learns the reason.
    /// </summary>
    public void Close(CloseReason reason, string message, Moment now, ErrorCode? tell = null)
    {
        if (IsClosed)
        {
            return;
        }

        ClosedFor = reason;
        CloseMessage = message;
        ClosedAt = now.Ticks;
        if (tell is { } code)
        {
            FrameWriter.Write(_controlFrames, new ErrorFrame(code, message));
        }

        OnClosed(now);
    }

    protected abstract void Receive(FrameType type, in ReadOnlySequence<byte> payload, Moment now);

    /// <summary>The other end broke the protocol, or is refused.</summary>
    protected abstract void Fail(ProtocolException exception, Moment now);

    protected abstract void OnClosed(Moment now);

    /// <summary>Moves queued control frames to what is sent next.</summary>
    /// <returns>Whether there were any.</returns>
    protected bool FlushControlFrames(IBufferWriter<byte> output)
    {
        if (_controlFrames.WrittenCount == 0)
        {
            return false;
        }

        output.Write(_controlFrames.WrittenSpan);
        _controlFrames.ResetWrittenCount();
        return true;
    }

    protected void Send<T>(in T frame)
        where T : struct, IFrame<T>
        => FrameWriter.Write(_controlFrames, frame);
}
