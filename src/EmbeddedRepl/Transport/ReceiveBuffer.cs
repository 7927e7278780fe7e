using System.Buffers;

namespace EmbeddedRepl.Transport;

/// <summary>
/// Holds what has arrived on a connection and is not yet consumed. One thread owns it: it calls <see cref="Fill"/> when its frame reader needs
/// more, hands <see cref="Buffer"/> to the frame reader, and calls <see cref="Advance"/> with what that consumed.
/// </summary>
/// <remarks>
/// One contiguous array, so that the usual frame is one span for the decoder; a pipe would give segments, and against a peer that sends single
/// bytes it either wastes the rest of a segment per read or reads large frames in small steps. The array starts small, because a thousand
/// strangers may be connected who never say a word, and doubles when a frame does not fit or a read fills it; it never gets larger than
/// <see cref="MaxCapacity"/>. What is left of an incomplete frame moves to the front when the end is reached.
/// </remarks>
internal sealed class ReceiveBuffer
{
    /// <summary>How much may be read beyond the largest frame at most, in bytes; what makes one read bring many small frames.</summary>
    public const int ReadAhead = 64 << 10;

    /// <summary>Size of the first array, in bytes.</summary>
    public const int InitialCapacity = 2 << 10;

    private byte[] _bytes = [];
    private int _start;
    private int _end;

    /// <summary>Makes an empty buffer, which holds no memory until it is filled.</summary>
    /// <param name="limit">The first value of <see cref="Limit"/>.</param>
    public ReceiveBuffer(int limit)
    {
        Limit = limit;
    }

    /// <summary>
    /// The largest frame with its header that the owner waits for at present, in bytes: more than this is never demanded of <see cref="Fill"/>. Raise it
    /// after authentication. Lowering it does not shrink what is held.
    /// </summary>
    public int Limit
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Array.MaxLength - ReadAhead);
            field = value;
        }
    }

    /// <summary>What has arrived and is not consumed. Valid until the next <see cref="Fill"/> or <see cref="Advance"/>.</summary>
    public ReadOnlySequence<byte> Buffer => new(_bytes, _start, Length);

    /// <summary>Bytes in <see cref="Buffer"/>.</summary>
    public int Length => _end - _start;

    /// <summary>Memory held, in bytes.</summary>
    public int Capacity => _bytes.Length;

    /// <summary>The most memory that this buffer takes, in bytes: <see cref="Limit"/> and as much again, but no more than <see cref="ReadAhead"/>.</summary>
    public int MaxCapacity => Limit + Math.Min(Limit, ReadAhead);

    /// <summary>Waits for bytes from the connection and appends them: one read.</summary>
    /// <returns>How many; 0 when the other end has finished writing.</returns>
    /// <exception cref="InvalidOperationException">The buffer holds <see cref="Limit"/> bytes: a frame reader that still wants more has a bug.</exception>
    /// <exception cref="IOException">The connection failed.</exception>
    public int Fill(IConnection connection)
    {
        if (Length >= Limit)
        {
            throw new InvalidOperationException($"{Length} bytes are buffered although no frame may have more than {Limit}.");
        }

        MakeRoom();
        int count = connection.Read(_bytes.AsSpan(_end));
        _end += count;
        return count;
    }

    /// <summary>Drops bytes from the front of <see cref="Buffer"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not that many.</exception>
    public void Advance(long consumed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(consumed);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(consumed, Length);
        _start += (int)consumed;
    }

    private void MakeRoom()
    {
        if (Length == 0)
        {
            // The array was filled to its end: the peer has more to say than fits, so the next read takes more at once.
            bool wasFilled = _end == _bytes.Length;
            _start = _end = 0;
            if (wasFilled)
            {
                Grow();
            }
        }
        else if (_end == _bytes.Length)
        {
            if (_start < _bytes.Length / 2)
            {
                Grow();
            }

            if (_start > 0)
            {
                _bytes.AsSpan(_start, Length).CopyTo(_bytes);
                _end -= _start;
                _start = 0;
            }
        }
    }

    private void Grow()
    {
        int capacity = (int)Math.Min(MaxCapacity, Math.Max(InitialCapacity, 2L * _bytes.Length));
        if (capacity > _bytes.Length)
        {
            byte[] bytes = new byte[capacity];
            _bytes.AsSpan(_start, Length).CopyTo(bytes);
            _bytes = bytes;
            _end -= _start;
            _start = 0;
        }
    }
}
