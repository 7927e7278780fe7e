using System.Buffers;
using EmbeddedRepl.Diagnostics;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Transport;
using EmbeddedRepl.Transport.Tls;

namespace EmbeddedRepl.Replication.Runtime;

/// <summary>
/// Moves the bytes of one connection between the network and a <see cref="PeerEndpoint"/>: one thread reads, and, once the
/// handshake is over, another one writes. Before that the reading thread answers by itself, so that a stranger costs one
/// thread. The endpoint is only ever touched under the gate.
/// </summary>
internal abstract class ConnectionPump(NodeRuntime runtime, IConnection connection, string name)
{
    /// <summary>
    /// So many bytes may be sent by a caller of the cache. A connection that takes bytes at all takes that many (the system reports it as writable from a third of its
    /// buffer on), so the caller does not come to wait in it, however long its peer has been frozen.
    /// </summary>
    public const int MaxSentByCaller = 4 * 1024;

    /// <summary>How long a closed endpoint may take to deliver its last words before the connection is broken, in milliseconds.</summary>
    private const long CloseGrace = 500;

    /// <summary>Sends of a thread that is not the sender's, one after the other; what is left then is the sender's.</summary>
    private const int SendsHere = 3;

    private readonly ArrayBufferWriter<byte> _output = new(1024);

    /// <summary>Held by whoever sends: the sender, or a thread that has something to say and finds it idle.</summary>
    private readonly Lock _sending = new();
    private readonly ReceiveBuffer _received = new(FrameHeader.Size + FrameLimits.BeforeAuthentication);
    private LoopThread? _sender;
    private volatile bool _isAborted;

    protected NodeRuntime Runtime { get; } = runtime;

    protected IConnection Connection { get; } = connection;

    protected LoopSignal Signal { get; } = new();

    protected abstract PeerEndpoint Endpoint { get; }

    /// <summary>Whether data may have to be sent at any time, so that a thread must wait for it.</summary>
    protected abstract bool NeedsSender { get; }

    /// <summary>Whether the connection was broken here, so that its threads are on their way out. Any thread.</summary>
    public bool IsAborted => _isAborted;

    /// <summary>Memory held for what has arrived, in bytes. Any thread; may lag behind.</summary>
    public int ReceiveCapacity => _received.Capacity;

    /// <summary>Reads until the connection ends. Runs on the calling thread; disposes of the connection.</summary>
    public void Run()
    {
        try
        {
            Connection.Open();
            SendPending();
            ReadUntilEnd();
        }
        catch (TlsRefusedException exception)
        {
            Refuse(exception);
        }
        catch (IOException exception)
        {
            Close(CloseReason.ConnectionLost, exception.Message);
        }
        finally
        {
            // No effect if the endpoint is closed already, as it is unless something unforeseen was thrown.
            Close(CloseReason.InternalError, "The reading loop failed.");
            Signal.Set();
            LastWords();
            _sender?.Join(Timeout.InfiniteTimeSpan);
            lock (_sending)
            {
                // A thread in SendHere may be in the middle of a call.
                Connection.Dispose();
            }

            Signal.Dispose();
        }
    }

    /// <summary>Breaks the connection of an endpoint that was closed a while ago: its peer may not take the last words. Under the gate.</summary>
    public void AbortIfOverdue(Moment now)
    {
        if (Endpoint.IsClosed && now.Milliseconds - Endpoint.ClosedAt >= CloseGrace)
        {
            Abort();
        }
    }

    /// <summary>Breaks the connection now. Any thread.</summary>
    public void Abort()
    {
        _isAborted = true;
        Connection.Abort();
    }

    /// <summary>
    /// Sends from the calling thread what waits, if nobody is sending and the connection takes it at once; otherwise wakes the sender. Saves the time
    /// that waking a thread takes. Any thread, under no lock.
    /// </summary>
    /// <param name="limit">Bytes that may be sent here; when more wait, all of them are the sender's.</param>
    public void SendHere(long limit = long.MaxValue)
    {
        if (_sender is null || !_sending.TryEnter())
        {
            Signal.Set();
            return;
        }

        SendKind? sent = SendKind.Flush;
        try
        {
            for (int i = 0; i < SendsHere && sent is not (null or SendKind.Wait or SendKind.Close) && Connection.TakesBytesNow; i++)
            {
                sent = SendOnce(_output, limit);
            }
        }
#pragma warning disable CA1031 // It concerns this connection, and not the caller whose thread it happens to be.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            SendingFailed(exception);
        }
        finally
        {
            _sending.Exit();
        }

        if (sent != SendKind.Wait)
        {
            Signal.Set();
        }
    }

    /// <summary>Something is about to be looked for that can be sent; this may wait for more of it. Under no lock.</summary>
    protected virtual void BeforeSend()
    {
    }

    /// <summary>Something was sent. Under no lock.</summary>
    protected virtual void AfterSend()
    {
    }

    /// <summary>How long the sender may wait for a signal, in milliseconds. Under the gate.</summary>
    protected abstract long SenderPatience(Moment now);

    /// <summary>Sends as long as there is something to send. Under no lock.</summary>
    /// <returns>Whether the connection is to be closed.</returns>
    private bool SendAll(ArrayBufferWriter<byte> output)
    {
        while (true)
        {
            BeforeSend();
            SendKind? kind;
            lock (_sending)
            {
                kind = SendOnce(output, long.MaxValue);
            }

            if (kind is SendKind.Wait or SendKind.Close)
            {
                return kind == SendKind.Close;
            }
        }
    }

    /// <returns>What was sent; null if nothing was, because more than the limit waits.</returns>
    private SendKind? SendOnce(ArrayBufferWriter<byte> output, long limit)
    {
        output.ResetWrittenCount();
        SendWork work;
        lock (Runtime.Gate)
        {
            if (Endpoint.WaitingBytes > limit)
            {
                return null;
            }

            work = Endpoint.NextWork(output, Runtime.Now());
        }

        if (work.Kind == SendKind.Wait)
        {
            return SendKind.Wait;
        }

        try
        {
            Endpoint.Encode(work, output);
            Connection.Write(output.WrittenSpan);
        }
        finally
        {
            // Always, also when the connection broke: the piece of the stream that was being sent must not stay pinned.
            lock (Runtime.Gate)
            {
                Endpoint.Complete(work, Runtime.Now());
            }
        }

        AfterSend();
        return work.Kind;
    }

    private void ReadUntilEnd()
    {
        while (ConsumeFrames())
        {
            if (_received.Fill(Connection) == 0)
            {
                Close(CloseReason.ConnectionLost, "The peer closed the connection.");
                return;
            }
        }
    }

    private bool ConsumeFrames()
    {
        ReadOnlySequence<byte> buffer = _received.Buffer;
        long before = buffer.Length;
        bool any;
        bool answers = false;
        do
        {
            any = ReceiveOne(ref buffer, ref answers);
            if (_sender is null)
            {
                SendPending();
                StartSenderIfNeeded();
            }
        }
        while (any);

        if (answers)
        {
            SendHere();
        }

        _received.Advance(before - buffer.Length);
        _received.Limit = Math.Max(_received.Limit, FrameHeader.Size + Endpoint.MaxPayload);
        return !Endpoint.IsClosed;
    }

    /// <summary>Takes one frame, so that writers and other links get their turn between two, and sends on what it made the stream longer by.</summary>
    private bool ReceiveOne(ref ReadOnlySequence<byte> buffer, ref bool answers)
    {
        using var hold = new SendingHold(Runtime.Core);
        bool any = Endpoint.TryReceive(ref buffer, Runtime.Now());
        answers = !any && Endpoint.EndOfBurst();
        return any;
    }

    private void StartSenderIfNeeded()
    {
        bool needed;
        lock (Runtime.Gate)
        {
            needed = NeedsSender;
        }

        if (needed)
        {
            _sender = LoopThread.Start($"{name} sender", Runtime.Logger, SendLoop);
        }
    }

    private void SendPending()
    {
        if (!NeedsSender)
        {
            SendAll(_output);
        }
    }

    private void SendLoop()
    {
        var output = new ArrayBufferWriter<byte>(Runtime.Settings.ChunkSize + 1024);
        try
        {
            while (!SendAll(output))
            {
                long patience;
                lock (Runtime.Gate)
                {
                    patience = SenderPatience(Runtime.Now());
                }

                Signal.Wait(patience);
            }

            FinishWriting();
        }
#pragma warning disable CA1031 // Whatever it was, it concerns this connection, which must not stay open with nobody to send on it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            SendingFailed(exception);
        }
    }

    /// <summary>A thread in SendHere must not write at the same moment: TLS writes its own end here.</summary>
    private void FinishWriting()
    {
        lock (_sending)
        {
            Connection.FinishWriting();
        }
    }

    private void SendingFailed(Exception exception)
    {
        if (exception is IOException)
        {
            Close(CloseReason.ConnectionLost, exception.Message);
        }
        else
        {
            Runtime.Logger.BackgroundWorkFailed(exception, name);
            Close(CloseReason.InternalError, "Sending failed; the log says why.");
        }

        Abort();
    }

    /// <summary>
    /// The endpoint is closed: what it still has to say is sent, and the peer is given a moment to read it. Closing at once,
    /// with unread bytes lying here, would make TCP discard it.
    /// </summary>
    private void LastWords()
    {
        try
        {
            if (_sender is null)
            {
                SendAll(_output);
                FinishWriting();
            }

            Span<byte> ignored = stackalloc byte[512];
            while (Connection.Read(ignored) > 0)
            {
            }
        }
        catch (IOException)
        {
            // The connection is over anyway; the reason was recorded when the endpoint was closed.
        }
    }

    private void Refuse(TlsRefusedException exception)
    {
        ErrorCode code = exception.Refusal switch
        {
            TlsRefusal.PlaintextPeer => ErrorCode.TlsRequired,
            TlsRefusal.Certificate => ErrorCode.CertificateRefused,
            _ => ErrorCode.TlsFailed,
        };
        if (exception is { Refusal: TlsRefusal.Certificate, InnerException: { } failure })
        {
            Runtime.Logger.BackgroundWorkFailed(failure, "certificate validation");
        }

        lock (Runtime.Gate)
        {
            Endpoint.Refuse(code, exception.Message, Runtime.Now());
        }
    }

    private void Close(CloseReason reason, string message)
    {
        lock (Runtime.Gate)
        {
            Endpoint.Close(reason, message, Runtime.Now());
        }
    }
}
