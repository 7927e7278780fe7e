using EmbeddedRepl.Simulation.Engine;

namespace EmbeddedRepl.Simulation.Network;

/// <summary>
/// One direction of a connection: bytes in order, in pieces of any length, each after a delay of its own, at most
/// <see cref="LinkQuality.Window"/> of them accepted and not yet consumed.
/// </summary>
internal sealed class VirtualPipe(VirtualTime time, SeededRandom random, LinkQuality quality, VirtualConnection connection)
{
    private readonly Queue<byte[]?> _early = new();
    private Action<byte[]?>? _receiver;
    private byte[] _unsent = [];
    private int _unsentStart;
    private Action? _whenAccepted;
    private long _lastArrival;
    private int _occupied;
    private bool _isEnded;

    public PipeFaults Faults { get; } = new();

    /// <summary>Bytes that reached the other end.</summary>
    public long Delivered { get; private set; }

    public bool WasCorrupted { get; private set; }

    public bool IsSilent => Faults.SilentAt >= 0 && Delivered >= Faults.SilentAt;

    /// <summary>Takes what arrives; null for the end of the stream. What arrives before the reading end sets it waits for it.</summary>
    public Action<byte[]?>? Receiver
    {
        get => _receiver;
        set
        {
            _receiver = value;
            while (value is not null && _early.TryDequeue(out byte[]? piece))
            {
                value(piece);
            }
        }
    }

    /// <summary>Sends; one write at a time.</summary>
    /// <param name="bytes">Owned by the pipe from here on.</param>
    /// <param name="whenAccepted">Called when all of it is under way, as a blocking write would return.</param>
    public void Write(byte[] bytes, Action whenAccepted)
    {
        _unsent = bytes;
        _unsentStart = 0;
        _whenAccepted = whenAccepted;
        Accept();
    }

    /// <summary>Nothing more will be written.</summary>
    public void End()
    {
        if (_isEnded)
        {
            return;
        }

        _isEnded = true;
        Schedule(() => HandOver(null));
    }

    /// <summary>The reading end has taken so many bytes out of its buffer.</summary>
    public void Consumed(int bytes)
    {
        _occupied -= bytes;
        if (_whenAccepted is not null)
        {
            Accept();
        }
    }

    /// <summary>Forgets a write that waits: the connection is over.</summary>
    public void Drop() => _whenAccepted = null;

    private void Accept()
    {
        while (_unsentStart < _unsent.Length && _occupied < quality.Window)
        {
            int most = Math.Min(Math.Min(quality.Window - _occupied, quality.MaxPiece), _unsent.Length - _unsentStart);
            int count = random.Chance(50) ? most : random.Chance(10) ? 1 : (int)random.Between(1, most);
            byte[] piece = _unsent.AsSpan(_unsentStart, count).ToArray();
            _unsentStart += count;
            _occupied += count;
            Schedule(() => Arrive(piece));
        }

        if (_unsentStart == _unsent.Length && _whenAccepted is { } done)
        {
            _whenAccepted = null;
            _unsent = [];
            _unsentStart = 0;
            time.After(random.Between(0, 20), done);
        }
    }

    private void Schedule(Action action)
    {
        _lastArrival = Math.Max(_lastArrival, time.Now + quality.Latency + random.Between(0, quality.Jitter));
        if (Faults.TailPerMille > 0 && random.Next(1000) < Faults.TailPerMille)
        {
            _lastArrival += random.Scaled(30_000, Faults.Tail);
        }

        _lastArrival = Math.Max(_lastArrival, Faults.HeldUntil);
        time.After(_lastArrival - time.Now, () =>
        {
            if (!connection.IsBroken && !IsSilent)
            {
                action();
            }
        });
    }

    private void Arrive(byte[] piece)
    {
        if (Faults.SilentAt >= 0 && Delivered + piece.Length > Faults.SilentAt)
        {
            piece = piece[..(int)(Faults.SilentAt - Delivered)];
        }

        bool breaks = Faults.BreakAt >= 0 && Delivered + piece.Length >= Faults.BreakAt;
        if (breaks)
        {
            piece = piece[..(int)Math.Max(0, Faults.BreakAt - Delivered)];
        }

        if (Faults.FlipAt >= Delivered && Faults.FlipAt < Delivered + piece.Length)
        {
            piece[(int)(Faults.FlipAt - Delivered)] ^= (byte)(1 << Faults.FlipBit);
            WasCorrupted = true;
        }

        Delivered += piece.Length;
        if (piece.Length > 0)
        {
            HandOver(piece);
        }

        if (breaks && !connection.IsBroken)
        {
            connection.Break();
        }
    }

    private void HandOver(byte[]? piece)
    {
        if (_receiver is { } receiver)
        {
            receiver(piece);
        }
        else
        {
            _early.Enqueue(piece);
        }
    }
}
