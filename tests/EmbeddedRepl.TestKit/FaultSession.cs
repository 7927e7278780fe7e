using EmbeddedRepl.Transport;

namespace EmbeddedRepl.TestKit;

/// <summary>One connection through a <see cref="FaultProxy"/>: a thread per direction, which passes pieces on as the direction's settings say.</summary>
internal sealed class FaultSession
{
    // While it is stalled or delayed a direction looks at its settings this often.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(2);

    private readonly FaultProxy _proxy;
    private readonly IConnection _client;
    private readonly IConnection _target;
    private readonly int _seed;
    private readonly object _gate = new();
    private bool _isOver;
    private int _running = 2;

    public FaultSession(FaultProxy proxy, IConnection client, IConnection target, int seed)
    {
        _proxy = proxy;
        _client = client;
        _target = target;
        _seed = seed;
    }

    public void Start()
    {
        StartPump(_client, _target, _proxy.ToTarget, isToTarget: true);
        StartPump(_target, _client, _proxy.ToClient, isToTarget: false);
    }

    /// <summary>Breaks both halves so that both ends see a reset; counted unless the session is over already.</summary>
    public void Reset()
    {
        End(_proxy.CountReset);
    }

    private void StartPump(IConnection from, IConnection to, FaultDirection direction, bool isToTarget)
    {
        Random random = new(unchecked(_seed * (isToTarget ? 2 : 3)));
        Thread thread = new(() => Pump(from, to, direction, isToTarget, random)) { IsBackground = true, Name = "FaultProxy pump" };
        thread.Start();
    }

    private void Pump(IConnection from, IConnection to, FaultDirection direction, bool isToTarget, Random random)
    {
        byte[] buffer = new byte[16 << 10];
        long position = 0;
        try
        {
            while (true)
            {
                int count = from.Read(buffer);
                for (int done = 0; done < count;)
                {
                    int piece = Math.Min(count - done, direction.MaxPiece == int.MaxValue ? int.MaxValue : random.Next(1, direction.MaxPiece + 1));
                    piece = Pass(to, buffer.AsSpan(done, piece), position, direction, isToTarget, random);
                    if (piece == 0)
                    {
                        Reset();
                        return;
                    }

                    done += piece;
                    position += piece;
                }

                if (count == 0)
                {
                    WaitWhileStalled(direction);
                    to.FinishWriting();
                    return;
                }
            }
        }
        catch (IOException)
        {
            // One end broke its connection; the other one must see that too.
            End();
        }
        finally
        {
            if (Interlocked.Decrement(ref _running) == 0)
            {
                Close();
            }
        }
    }

    private int Pass(IConnection to, Span<byte> piece, long position, FaultDirection direction, bool isToTarget, Random random)
    {
        TimeSpan pause = direction.Delay * random.NextDouble();
        if (direction.BytesPerSecond > 0)
        {
            pause += TimeSpan.FromSeconds((double)piece.Length / direction.BytesPerSecond);
        }

        if (pause > TimeSpan.Zero)
        {
            WaitForEnd(pause);
        }

        WaitWhileStalled(direction);
        int allowed = direction.BytesBeforeReset(position, piece.Length);
        piece = piece[..allowed];
        int flip = direction.ClaimFlip(position, allowed);
        if (flip >= 0)
        {
            piece[flip] ^= (byte)(1 << random.Next(8));
            _proxy.CountFlip();
        }

        to.Write(piece);
        _proxy.CountBytes(isToTarget, allowed);
        return allowed;
    }

    private void WaitWhileStalled(FaultDirection direction)
    {
        while (direction.IsStalled && !WaitForEnd(Tick))
        {
        }

        // What was held back must not slip through between the decision to reset and the reset.
        if (WaitForEnd(TimeSpan.Zero))
        {
            throw new IOException("The connection was reset.");
        }
    }

    private bool WaitForEnd(TimeSpan limit)
    {
        lock (_gate)
        {
            if (!_isOver && limit > TimeSpan.Zero)
            {
                Monitor.Wait(_gate, limit);
            }

            return _isOver;
        }
    }

    /// <summary>Breaks both halves. Whoever notices that the connection is gone must find it counted, so that comes first.</summary>
    private void End(Action? count = null)
    {
        lock (_gate)
        {
            if (!_isOver)
            {
                _isOver = true;
                count?.Invoke();
                Monitor.PulseAll(_gate);
            }
        }

        _client.Abort();
        _target.Abort();
    }

    private void Close()
    {
        _client.Dispose();
        _target.Dispose();
        _proxy.Remove(this);
    }
}
