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

    /// <summary>When the last whole frame came from the other end, in milliseconds of the monotonic clock; at first when the connection was opened.</summary>
    public long LastReceivedAt { get; protected set; }

    public bool IsClosed => ClosedFor != CloseReason.None;

    /// <summary>Why it is over; none while it is open.</summary>
    public CloseReason ClosedFor { get; private set; }

    /// <summary>The same for a person, as a sentence; empty while it is open.</summary>
    public string CloseMessage { get; private set; } = "";

    /// <summary>When it was closed, in milliseconds of the monotonic clock; of no meaning while it is open.</summary>
    public long ClosedAt { get; private set; }

    /// <summary>The largest payload that may come next; small until the other end has proved the password.</summary>
    public abstract int MaxPayload { get; }

    /// <summary>What sends a data set over this connection, if anything does.</summary>
    protected abstract SyncSender? Sender { get; }

    /// <summary>Bytes that wait to be sent, control frames and those of a data set; as many as there can be while their number is not known, as in a full sync.</summary>
    public long WaitingBytes => Sender switch
    {
        null => _controlFrames.WrittenCount,
        { IsUnfinished: true } => long.MaxValue,
        { } sender => sender.PendingBytes + _controlFrames.WrittenCount,
    };

    /// <summary>Control frames that wait to be sent, in order.</summary>
    protected ArrayBufferWriter<byte> ControlFrames => _controlFrames;

    /// <summary>
    /// Turns the other end away before anything is exchanged. It is told nothing but the error, also if something else waits to be sent.
    /// </summary>
    public abstract void Refuse(ErrorCode code, string message, Moment now);

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
            CheckFirstBytes(buffer);
            if (!FrameReader.TryRead(ref buffer, MaxPayload, out FrameType type, out ReadOnlySequence<byte> payload))
            {
                return false;
            }

            LastReceivedAt = now.Milliseconds;
            Receive(type, payload, now);
            return true;
        }
        catch (ProtocolException exception)
        {
            Fail(exception, now);
            return false;
        }
        catch (Exception exception) when (exception is Storage.StoreFullException or OutOfMemoryException)
        {
            // Nothing of the record that did not fit is visible; what came before it stays.
            Close(CloseReason.StoreFull, exception.Message, now, ErrorCode.Internal);
            return false;
        }
    }

    /// <summary>What had arrived has been consumed.</summary>
    /// <returns>Whether an answer waits that whoever read had better send at once, instead of waking the sender.</returns>
    public virtual bool EndOfBurst() => false;

    /// <summary>
    /// Says what to send next and writes control frames to <paramref name="output"/>. Whatever kind but <see cref="SendKind.Wait"/>
    /// must be followed by <see cref="Encode"/> outside of the gate and <see cref="Complete"/> under it.
    /// </summary>
    public abstract SendWork NextWork(IBufferWriter<byte> output, Moment now);

    /// <summary>Does the part of the work that needs no gate. Called by the sender loop alone.</summary>
    public void Encode(in SendWork work, IBufferWriter<byte> output) => Sender?.Encode(work, output);

    /// <summary>The work was sent, or the connection broke while it was.</summary>
    public virtual void Complete(in SendWork work, Moment now)
    {
        if (work.Kind == SendKind.Stream)
        {
            work.Lease.Release();
        }
        else if (work.Kind == SendKind.Snapshot && !IsClosed)
        {
            Sender!.SnapshotSent();
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
        ClosedAt = now.Milliseconds;
        if (tell is { } code)
        {
            FrameWriter.Write(_controlFrames, new ErrorFrame(code, message));
        }

        OnClosed(now);
    }

    /// <summary>Looks at what has arrived before it is taken for frames.</summary>
    /// <exception cref="ProtocolException">It is none of this protocol.</exception>
    protected virtual void CheckFirstBytes(in ReadOnlySequence<byte> buffer)
    {
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
