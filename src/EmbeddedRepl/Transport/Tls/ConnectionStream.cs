using System.Diagnostics.CodeAnalysis;

namespace EmbeddedRepl.Transport.Tls;

/// <summary>
/// What <see cref="System.Net.Security.SslStream"/> reads and writes: a connection, with a limit on what is read before the handshake is over, and with what
/// one write of the owner encrypts gathered to one write to the network. The asynchronous members wait on the calling thread, so that nothing here ever
/// needs the thread pool.
/// </summary>
/// <param name="connection">Not owned.</param>
[SuppressMessage("Performance", "CA1844", Justification = "The members with memory are overridden; the analyzer looks for the older ones.")]
internal sealed class ConnectionStream(IConnection connection) : Stream
{
    /// <summary>
    /// The most that is read before the handshake is over, in bytes: several times what chains of real certificates take, so that a stranger with an endless one is cut
    /// off early.
    /// </summary>
    public const int MaxHandshakeBytes = 64 << 10;

    /// <summary>Encrypted bytes that are gathered at most before they are sent.</summary>
    private const int MaxGathered = 128 << 10;

    /// <summary>What one frame of data and the overhead of its records take.</summary>
    private const int KeptGathered = 80 << 10;

    // Only the thread that writes sends data. A thread that reads sends an alert at most, which must not come between two halves of a record.
    private readonly Lock _writing = new();
    private byte[] _gathered = [];
    private int _gatheredLength;
    private bool _gathers;
    private int _handshakeBytes;

    /// <summary>Whether the first bytes that came were no TLS.</summary>
    public bool SawPlaintext { get; private set; }

    /// <summary>Whether the other end sent more than <see cref="MaxHandshakeBytes"/> without finishing.</summary>
    public bool SawTooMuch { get; private set; }

    /// <summary>Whether anything came at all.</summary>
    public bool SawBytes => _handshakeBytes > 0;

    /// <summary>Set when the handshake is over: from then on any number of bytes may come.</summary>
    public bool IsOpen { get; set; }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.Length == 0)
        {
            return 0;
        }

        int count = connection.Read(buffer);
        if (!IsOpen && count > 0)
        {
            CheckHandshake(buffer[..count]);
        }

        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.FromResult(Read(buffer, offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        lock (_writing)
        {
            if (!_gathers)
            {
                connection.Write(buffer);
                return;
            }

            if (_gatheredLength + buffer.Length > MaxGathered)
            {
                Send();
            }

            if (_gatheredLength + buffer.Length > _gathered.Length)
            {
                Array.Resize(ref _gathered, Math.Max(_gatheredLength + buffer.Length, Math.Min(MaxGathered, 2 * _gathered.Length)));
            }

            buffer.CopyTo(_gathered.AsSpan(_gatheredLength));
            _gatheredLength += buffer.Length;
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer, offset, count);
        return Task.CompletedTask;
    }

    /// <summary>From now on what is written waits for <see cref="EndGather"/>. Called by the writing thread.</summary>
    public void BeginGather()
    {
        lock (_writing)
        {
            _gathers = true;
        }
    }

    /// <summary>Sends what was gathered.</summary>
    /// <exception cref="IOException">The connection failed.</exception>
    public void EndGather()
    {
        lock (_writing)
        {
            _gathers = false;
            Send();
            if (_gathered.Length > KeptGathered)
            {
                _gathered = [];
            }
        }
    }

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void Send()
    {
        if (_gatheredLength > 0)
        {
            int length = _gatheredLength;
            _gatheredLength = 0;
            connection.Write(_gathered.AsSpan(0, length));
        }
    }

    private void CheckHandshake(ReadOnlySpan<byte> bytes)
    {
        if (_handshakeBytes == 0 && !TlsRecord.IsTls(bytes))
        {
            SawPlaintext = true;
            _handshakeBytes = bytes.Length;
            throw new IOException("The other end does not speak TLS.");
        }

        _handshakeBytes += bytes.Length;
        if (_handshakeBytes > MaxHandshakeBytes)
        {
            SawTooMuch = true;
            throw new IOException($"The other end sent more than {MaxHandshakeBytes} bytes without finishing its TLS handshake.");
        }
    }
}
