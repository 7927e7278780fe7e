namespace EmbeddedRepl.TestKit;

/// <summary>One direction of an <see cref="InMemoryConnection"/>: a bounded ring of bytes with one reader and one writer, which wait for each other.</summary>
internal sealed class InMemoryPipe
{
    private readonly object _gate = new();
    private readonly byte[] _ring;
    private int _start;
    private int _count;
    private bool _isWriterDone;
    private bool _isReaderGone;
    private bool _isAborted;

    /// <summary>Makes an empty pipe.</summary>
    /// <param name="capacity">How many bytes may be under way before the writer waits; at least 1.</param>
    public InMemoryPipe(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _ring = new byte[capacity];
    }

    /// <summary>Bytes that are written and not yet read.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    public int Read(Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfZero(destination.Length, nameof(destination));
        lock (_gate)
        {
            while (_count == 0 && !_isWriterDone && !_isReaderGone && !_isAborted)
            {
                Monitor.Wait(_gate);
            }

            ThrowIf(_isReaderGone || _isAborted, "Reading");
            int total = Math.Min(destination.Length, _count);
            for (int copied = 0; copied < total;)
            {
                int run = Math.Min(total - copied, _ring.Length - _start);
                _ring.AsSpan(_start, run).CopyTo(destination[copied..]);
                _start = (_start + run) % _ring.Length;
                copied += run;
            }

            _count -= total;
            Monitor.PulseAll(_gate);
            return total;
        }
    }

    public void Write(ReadOnlySpan<byte> source)
    {
        lock (_gate)
        {
            while (true)
            {
                ThrowIf(_isWriterDone || _isReaderGone || _isAborted, "Writing");
                if (source.Length == 0)
                {
                    return;
                }

                if (_count == _ring.Length)
                {
                    Monitor.Wait(_gate);
                    continue;
                }

                int end = (_start + _count) % _ring.Length;
                int run = Math.Min(source.Length, Math.Min(_ring.Length - _count, _ring.Length - end));
                source[..run].CopyTo(_ring.AsSpan(end));
                source = source[run..];
                _count += run;
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>The writer has written everything; the reader gets the rest and then 0.</summary>
    public void FinishWriting() => Set(ref _isWriterDone);

    /// <summary>The reader has gone: it and the writer get an <see cref="IOException"/>.</summary>
    public void CloseReader() => Set(ref _isReaderGone);

    /// <summary>Both ends get an <see cref="IOException"/>; what is under way is lost.</summary>
    public void Abort() => Set(ref _isAborted);

    private static void ThrowIf(bool condition, string what)
    {
        if (condition)
        {
            throw new IOException($"{what} failed: the connection was closed.");
        }
    }

    private void Set(ref bool flag)
    {
        lock (_gate)
        {
            flag = true;
            Monitor.PulseAll(_gate);
        }
    }
}
