using System.Buffers;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Simulation.Network;

namespace EmbeddedRepl.Simulation.Nodes;

/// <summary>
/// What <c>Runtime/ConnectionPump</c> is with two threads, as events: reads, hands over one frame at a time, sends what the
/// endpoint wants sent, says last words. Between any two of its steps other events may happen, which is where races are.
/// </summary>
internal abstract class EndpointDriver
{
    /// <summary>How long a closed endpoint may take to deliver its last words, in milliseconds, as in production.</summary>
    private const long CloseGrace = 500;

    private readonly ArrayBufferWriter<byte> _output = new(1024);
    private readonly VirtualPipe _incoming;
    private readonly VirtualPipe _outgoing;
    private readonly Queue<byte[]> _arrived = new();
    private readonly ReceivedBytes _received = new();
    private SendWork? _inFlight;
    private bool _isWriting;
    private bool _isSending;
    private bool _isKickedAgain;
    private bool _hasSender;
    private bool _isConsuming;
    private bool _isAtEnd;
    private bool _isBroken;
    private bool _saysLastWords;
    private bool _hasFinishedWriting;
    private long _waitNumber;

    protected EndpointDriver(SimulatedProcess process, VirtualConnection connection, VirtualPipe incoming, VirtualPipe outgoing)
    {
        Process = process;
        Connection = connection;
        _incoming = incoming;
        _outgoing = outgoing;
    }

    public VirtualConnection Connection { get; }

    public bool IsDisposed { get; private set; }

    public abstract PeerEndpoint Endpoint { get; }

    protected SimulatedProcess Process { get; }

    protected SimulatedSignal Signal { get; } = new();

    protected abstract bool NeedsSender { get; }

    /// <summary>The first step, after the endpoint exists.</summary>
    public void Start()
    {
        _incoming.Receiver = piece => Process.Run(() => Arrive(piece));
        Kick();
    }

    /// <summary>The connection broke, as far as this end knows.</summary>
    public void Broken() => Process.Run(() =>
    {
        if (IsDisposed || _isBroken)
        {
            return;
        }

        _isBroken = true;
        _outgoing.Drop();
        if (_isWriting)
        {
            EndWrite();
        }

        Close("The connection broke.");
        SayLastWords();
    });

    public void AbortIfOverdue(Moment now)
    {
        if (!IsDisposed && Endpoint.IsClosed && now.Milliseconds - Endpoint.ClosedAt >= CloseGrace)
        {
            Connection.Break();
            Broken();
        }
    }

    protected abstract SendWork NextWork(IBufferWriter<byte> output, Moment now);

    protected abstract void Encode(in SendWork work, IBufferWriter<byte> output);

    protected abstract void Complete(in SendWork work, Moment now);

    /// <summary>How long the sender waits without a signal, in milliseconds; -1 for ever. Under the gate.</summary>
    protected abstract long SenderPatience(Moment now);

    protected abstract void EndOfBurst();

    protected abstract void Disposed();

    /// <summary>Takes a frame. Under the gate.</summary>
    protected virtual bool Receive(ref ReadOnlySequence<byte> buffer) => Endpoint.TryReceive(ref buffer, Process.Now());

    private void Arrive(byte[]? piece)
    {
        if (IsDisposed)
        {
            return;
        }

        if (piece is null)
        {
            _isAtEnd = true;
        }
        else if (_saysLastWords)
        {
            _incoming.Consumed(piece.Length);
            return;
        }
        else
        {
            _arrived.Enqueue(piece);
        }

        if (_saysLastWords)
        {
            DisposeIfDone();
        }
        else if (!_isConsuming)
        {
            _isConsuming = true;
            Process.After(Process.FrameCost(), Fill);
        }
    }

    private void Fill()
    {
        if (IsDisposed || _saysLastWords)
        {
            return;
        }

        while (_arrived.TryDequeue(out byte[]? piece))
        {
            _received.Add(piece);
            _incoming.Consumed(piece.Length);
        }

        Consume();
    }

    private void Consume()
    {
        if (IsDisposed || _saysLastWords)
        {
            return;
        }

        ReadOnlySequence<byte> buffer = _received.Bytes;
        long before = buffer.Length;
        bool any;
        lock (Process.Core.Gate)
        {
            any = Receive(ref buffer);
            if (!any)
            {
                EndOfBurst();
            }
        }

        _received.Consume((int)(before - buffer.Length));
        if (!_hasSender)
        {
            Kick();
            if (NeedsSender)
            {
                _hasSender = true;
            }
        }

        if (any)
        {
            Process.After(Process.FrameCost(), Consume);
        }
        else if (Endpoint.IsClosed)
        {
            SayLastWords();
        }
        else if (_arrived.Count > 0)
        {
            Process.After(Process.FrameCost(), Fill);
        }
        else if (_isAtEnd)
        {
            Close("The peer closed the connection.");
            SayLastWords();
        }
        else
        {
            _isConsuming = false;
        }
    }

    /// <summary>The sender goes through its work once more.</summary>
    private void Kick()
    {
        if (_hasFinishedWriting || IsDisposed)
        {
            return;
        }

        if (_isSending)
        {
            _isKickedAgain = true;
            return;
        }

        _isSending = true;
        Process.After(Process.StepCost(), Step);
    }

    private void Step()
    {
        if (IsDisposed)
        {
            return;
        }

        _output.ResetWrittenCount();
        SendWork work;
        lock (Process.Core.Gate)
        {
            work = NextWork(_output, Process.Now());
        }

        if (work.Kind == SendKind.Wait)
        {
            WaitForSignal();
            return;
        }

        _inFlight = work;
        Process.After(Process.StepCost(), () => Send(work));
    }

    private void Send(SendWork work)
    {
        Encode(work, _output);
        if (_isBroken)
        {
            EndWrite();
            Close("The connection broke.");
            return;
        }

        _isWriting = true;
        byte[] bytes = Process.IsNewer ? NewerFrames.Append(_output.WrittenSpan.ToArray()) : _output.WrittenSpan.ToArray();
        _outgoing.Write(bytes, () => Process.Run(() => Written(work)));
    }

    private void Written(SendWork work)
    {
        if (!_isWriting)
        {
            return;
        }

        EndWrite();
        if (work.Kind == SendKind.Close)
        {
            FinishWriting();
            return;
        }

        _isSending = true;
        Process.After(Process.StepCost(), Step);
    }

    private void EndWrite()
    {
        _isWriting = false;
        _isSending = false;
        SendWork work = _inFlight!.Value;
        _inFlight = null;
        lock (Process.Core.Gate)
        {
            Complete(work, Process.Now());
        }

        if (_isBroken)
        {
            FinishWriting();
        }
    }

    private void WaitForSignal()
    {
        _isSending = false;
        if (_isKickedAgain)
        {
            _isKickedAgain = false;
            Kick();
            return;
        }

        if (!_hasSender || _isBroken)
        {
            return;
        }

        long patience;
        lock (Process.Core.Gate)
        {
            patience = SenderPatience(Process.Now());
        }

        long number = ++_waitNumber;
        if (patience >= 0)
        {
            Process.After(patience * 1000, () =>
            {
                if (number == _waitNumber && Signal.StopWaiting())
                {
                    Kick();
                }
            });
        }

        Signal.Wait(() => Process.Run(Kick));
    }

    private void FinishWriting()
    {
        if (!_hasFinishedWriting)
        {
            _hasFinishedWriting = true;
            if (!_isBroken)
            {
                _outgoing.End();
            }
        }

        // A sender that ended by an error leaves the reader to notice by itself.
        DisposeIfDone();
    }

    private void SayLastWords()
    {
        if (_saysLastWords)
        {
            DisposeIfDone();
            return;
        }

        _saysLastWords = true;
        _received.Clear();
        while (_arrived.TryDequeue(out byte[]? piece))
        {
            _incoming.Consumed(piece.Length);
        }

        if (_isBroken && !_isSending && _inFlight is null)
        {
            _hasFinishedWriting = true;
        }

        Signal.Set();
        if (!_hasSender)
        {
            Kick();
        }

        DisposeIfDone();
    }

    private void DisposeIfDone()
    {
        if (IsDisposed || !_saysLastWords || _inFlight is not null)
        {
            return;
        }

        if (_isBroken || (_hasFinishedWriting && _isAtEnd))
        {
            IsDisposed = true;
            _incoming.Receiver = null;
            Connection.Break();
            Disposed();
        }
    }

    private void Close(string message)
    {
        lock (Process.Core.Gate)
        {
            Endpoint.Close(CloseReason.ConnectionLost, message, Process.Now());
        }
    }
}
