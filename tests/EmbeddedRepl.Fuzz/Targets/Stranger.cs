using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using EmbeddedRepl.Fuzz.Oracles;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Fuzz.Targets;

/// <summary>One TCP connection of somebody who need not be a replica. Not thread-safe.</summary>
internal sealed class Stranger : IDisposable
{
    /// <summary>How long the node may take to close a connection whose other end has said that it is over.</summary>
    private static readonly TimeSpan ClosingLimit = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(1);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _received = new byte[64 << 10];
    private readonly List<byte> _pending = [];

    public Stranger(IPEndPoint address)
    {
        _socket.Connect(address);
        _socket.SendTimeout = (int)ClosingLimit.TotalMilliseconds;
    }

    /// <summary>When it said something last.</summary>
    public long LastSentAt { get; private set; } = Stopwatch.GetTimestamp();

    /// <summary>Whether the node has closed the connection, as far as was seen.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Says something; nothing if the node has closed the connection.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && !IsClosed)
        {
            try
            {
                bytes = bytes[_socket.Send(bytes)..];
                LastSentAt = Stopwatch.GetTimestamp();
            }
            catch (SocketException exception) when (exception.SocketErrorCode != SocketError.TimedOut)
            {
                IsClosed = true;
            }
        }
    }

    /// <summary>Reads until a frame of that type has come, the connection is closed, or it takes too long.</summary>
    public bool WaitFor(FrameType type)
    {
        long start = Stopwatch.GetTimestamp();
        while (!IsClosed)
        {
            var buffer = new ReadOnlySequence<byte>(_pending.ToArray());
            while (FrameReader.TryRead(ref buffer, FrameLimits.Data, out FrameType read, out _))
            {
                if (read == type)
                {
                    return true;
                }
            }

            _pending.RemoveRange(0, _pending.Count - (int)buffer.Length);
            TimeSpan left = AnswerLimit - Stopwatch.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                return false;
            }

            Receive(left);
        }

        return false;
    }

    /// <summary>Whether the node has closed the connection by now; passes over what it has sent.</summary>
    public bool HasBeenClosed()
    {
        while (!IsClosed && _socket.Poll(0, SelectMode.SelectRead))
        {
            Receive(AnswerLimit);
            _pending.Clear();
        }

        return IsClosed;
    }

    /// <summary>Says that nothing more will come, and waits until the node has closed the connection.</summary>
    /// <exception cref="FuzzFailedException">It does not.</exception>
    public void SayGoodbye()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            IsClosed = true;
        }

        WaitUntilClosed(ClosingLimit);
    }

    /// <summary>Waits until the node has closed the connection.</summary>
    /// <exception cref="FuzzFailedException">It does not.</exception>
    public void WaitUntilClosed(TimeSpan limit)
    {
        long start = Stopwatch.GetTimestamp();
        while (!IsClosed)
        {
            TimeSpan left = limit - Stopwatch.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                throw new FuzzFailedException($"The node has not closed a connection within {limit}.");
            }

            Receive(left);
            _pending.Clear();
        }
    }

    /// <summary>Ends the connection with a reset.</summary>
    public void Reset() => _socket.LingerState = new LingerOption(true, 0);

    public void Dispose() => _socket.Dispose();

    private void Receive(TimeSpan limit)
    {
        try
        {
            _socket.ReceiveTimeout = Math.Max(1, (int)limit.TotalMilliseconds);
            int count = _socket.Receive(_received);
            IsClosed = count == 0;
            _pending.AddRange(_received.AsSpan(0, count));
        }
        catch (SocketException exception)
        {
            IsClosed = exception.SocketErrorCode is not (SocketError.TimedOut or SocketError.WouldBlock);
        }
    }
}
