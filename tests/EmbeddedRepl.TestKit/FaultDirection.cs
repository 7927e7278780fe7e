namespace EmbeddedRepl.TestKit;

/// <summary>
/// What a <see cref="FaultProxy"/> does to the bytes of one direction. Everything can be changed while connections are open and takes effect on them
/// with the next piece of data. Positions count the bytes of one connection in this direction, from 0. Thread-safe.
/// </summary>
internal sealed class FaultDirection
{
    private readonly Lock _gate = new();
    private TimeSpan _delay;
    private long _bytesPerSecond;
    private int _maxPiece = int.MaxValue;
    private bool _isStalled;
    private long? _resetAt;
    private long? _flipAt;
    private CutState _cut;
    private bool _isFlippingNext;

    private enum CutState
    {
        None,
        Asked,
        HalfPassed,
    }

    /// <summary>Up to how long each piece is held, drawn anew for each between 0 and this; pieces behind it wait too. Default 0.</summary>
    public TimeSpan Delay
    {
        get => Read(ref _delay);
        set => Write(ref _delay, value);
    }

    /// <summary>Bytes that pass per second; default 0: as many as can.</summary>
    public long BytesPerSecond
    {
        get => Read(ref _bytesPerSecond);
        set => Write(ref _bytesPerSecond, value);
    }

    /// <summary>
    /// The largest piece that is passed on with one write; sizes are drawn between 1 and this. 1 cuts the stream into single bytes. Default: whatever arrives
    /// at once is passed on at once.
    /// </summary>
    public int MaxPiece
    {
        get => Read(ref _maxPiece);
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            Write(ref _maxPiece, value);
        }
    }

    /// <summary>Nothing passes and nothing is closed, as with a peer that froze or a cable that was pulled. One direction alone makes a half-open link.</summary>
    public bool IsStalled
    {
        get => Read(ref _isStalled);
        set => Write(ref _isStalled, value);
    }

    /// <summary>
    /// Resets the first connection that is about to pass the byte at this position; the bytes before it are passed on. It does so once and is null then, or the
    /// two ends could never get past that position.
    /// </summary>
    public long? ResetAt
    {
        get => Read(ref _resetAt);
        set => Write(ref _resetAt, value);
    }

    /// <summary>Flips one bit, drawn from the seed, of the byte at this position of the first connection that gets there. It does so once and is null then.</summary>
    public long? FlipAt
    {
        get => Read(ref _flipAt);
        set => Write(ref _flipAt, value);
    }

    /// <summary>Cuts the next piece, of whichever connection: half of it passes, then the connection is reset. Once.</summary>
    public void CutNext() => Write(ref _cut, CutState.Asked);

    /// <summary>Flips one bit, drawn from the seed, of the first byte of the next piece, of whichever connection. Once.</summary>
    public void FlipNext() => Write(ref _isFlippingNext, true);

    /// <summary>How many of the bytes from <paramref name="position"/> on may pass before the reset; claims the reset when that is none.</summary>
    internal int BytesBeforeReset(long position, int count)
    {
        lock (_gate)
        {
            if (_cut == CutState.Asked && count > 1)
            {
                _cut = CutState.HalfPassed;
                return count / 2;
            }

            if (_cut != CutState.None)
            {
                _cut = CutState.None;
                return 0;
            }

            if (_resetAt is not { } at || at < position || at >= position + count)
            {
                return count;
            }

            if (at == position)
            {
                _resetAt = null;
            }

            return (int)(at - position);
        }
    }

    /// <summary>Index of the byte of this piece that is to be damaged, or -1; claims the damage.</summary>
    internal int ClaimFlip(long position, int count)
    {
        lock (_gate)
        {
            if (_isFlippingNext && count > 0)
            {
                _isFlippingNext = false;
                return 0;
            }

            if (_flipAt is not { } at || at < position || at >= position + count)
            {
                return -1;
            }

            _flipAt = null;
            return (int)(at - position);
        }
    }

    private T Read<T>(ref T field)
    {
        lock (_gate)
        {
            return field;
        }
    }

    private void Write<T>(ref T field, T value)
    {
        lock (_gate)
        {
            field = value;
        }
    }
}
