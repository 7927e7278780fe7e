using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EmbeddedRepl.Comparison.Redis;

/// <summary>
/// A connection to a Redis with nothing between: one thread, a socket, blocking calls. It is faster than the client libraries that services use, so whoever is compared with it is compared with the
/// best that a service could get.
/// </summary>
internal sealed class RedisClient : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _received = new byte[64 << 10];
    private int _start;
    private int _end;

    public RedisClient(int port) => _socket.Connect(IPAddress.Loopback, port);

    /// <summary>A command as it goes over the wire.</summary>
    public static byte[] Format(params string[] words)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"*{words.Length}\r\n");
        foreach (string word in words)
        {
            text.Append(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Sends a command and returns its answer as text; null if the answer is nil.</summary>
    /// <exception cref="InvalidOperationException">Redis answers with an error.</exception>
    public string? Command(params string[] words)
    {
        Send(Format(words));
        return ReadReply() is { } bytes ? Encoding.UTF8.GetString(bytes) : null;
    }

    /// <summary>Sends bytes as they are: one command or many.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[_socket.Send(bytes)..];
        }
    }

    /// <summary>Reads one answer into a buffer.</summary>
    /// <returns>Its length, or -1 for nil.</returns>
    /// <exception cref="InvalidOperationException">Redis answers with an error.</exception>
    public int ReadReply(Span<byte> destination)
    {
        ReadOnlySpan<byte> line = ReadLine();
        switch (line[0])
        {
            case (byte)'$':
                int length = int.Parse(line[1..], CultureInfo.InvariantCulture);
                if (length >= 0)
                {
                    Read(destination[..length]);
                    ReadLine();
                }

                return length;
            case (byte)'-':
                throw new InvalidOperationException(Encoding.UTF8.GetString(line));
            default:
                line[1..].CopyTo(destination);
                return line.Length - 1;
        }
    }

    /// <summary>Sets keys <c>key:000000000000</c>… to the same value, 1,000 in a pipeline.</summary>
    /// <param name="count">How many keys.</param>
    /// <param name="valueSize">Bytes of the value.</param>
    /// <param name="letter">What it consists of.</param>
    public void Fill(int count, int valueSize, char letter = 'v')
    {
        string value = new(letter, valueSize);
        Fill(count, EntryKeys.Create, _ => value);
    }

    /// <summary>Sets what two functions of a number give, for the first numbers, 1,000 in a pipeline.</summary>
    public void Fill(int count, Func<int, string> key, Func<int, string> value)
    {
        var batch = new MemoryStream();
        Span<byte> reply = stackalloc byte[64];
        for (int i = 0; i < count;)
        {
            batch.SetLength(0);
            int sent = 0;
            for (; sent < 1_000 && i < count; sent++, i++)
            {
                batch.Write(Format("SET", key(i), value(i)));
            }

            Send(batch.GetBuffer().AsSpan(0, (int)batch.Length));
            for (; sent > 0; sent--)
            {
                ReadReply(reply);
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private byte[]? ReadReply()
    {
        byte[] buffer = new byte[1 << 20];
        int length = ReadReply(buffer);
        return length < 0 ? null : buffer[..length];
    }

    /// <summary>A line without its end, valid until the next read.</summary>
    private ReadOnlySpan<byte> ReadLine()
    {
        while (true)
        {
            ReadOnlySpan<byte> received = _received.AsSpan(_start, _end - _start);
            int length = received.IndexOf("\r\n"u8);
            if (length >= 0)
            {
                _start += length + 2;
                return received[..length];
            }

            Fill();
        }
    }

    private void Read(Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            if (_start == _end)
            {
                Fill();
            }

            int length = Math.Min(destination.Length, _end - _start);
            _received.AsSpan(_start, length).CopyTo(destination);
            _start += length;
            destination = destination[length..];
        }
    }

    private void Fill()
    {
        _received.AsSpan(_start, _end - _start).CopyTo(_received);
        _end -= _start;
        _start = 0;
        int received = _socket.Receive(_received.AsSpan(_end));
        if (received == 0)
        {
            throw new InvalidOperationException("Redis closed the connection.");
        }

        _end += received;
    }
}
