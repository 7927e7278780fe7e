using System.Diagnostics;
using System.Net.Sockets;

namespace EmbeddedRepl.Comparison.Visibility;

/// <summary>
/// By which whoever watches a counter tells its writer that a value was seen. The writer sleeps in a system call meanwhile, as a service's thread does, and takes no processor from what is
/// measured. What the telling takes is no part of a delay: both ends take their time stamps before it.
/// </summary>
internal sealed class SeenSignal : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Socket _socket;
    private readonly byte[] _byte = new byte[1];

    private SeenSignal(Socket socket)
    {
        _socket = socket;
        _socket.ReceiveTimeout = (int)Limit.TotalMilliseconds;
    }

    /// <summary>A place for two to meet.</summary>
    public static string NewPlace() => Path.Combine(Path.GetTempPath(), $"seen-{Guid.NewGuid():n}");

    /// <summary>The watching end: waits for the writer.</summary>
    /// <exception cref="TimeoutException">It does not come in 30 seconds.</exception>
    public static SeenSignal Listen(string place)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(place));
        try
        {
            listener.Listen();
            return listener.Poll(Limit, SelectMode.SelectRead) ? new SeenSignal(listener.Accept()) : throw new TimeoutException("The writer of the counter does not come.");
        }
        finally
        {
            File.Delete(place);
        }
    }

    /// <summary>The writer's end.</summary>
    /// <exception cref="TimeoutException">Nobody watches after 30 seconds.</exception>
    public static SeenSignal Connect(string place)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                socket.Connect(new UnixDomainSocketEndPoint(place));
                return new SeenSignal(socket);
            }
            catch (SocketException)
            {
                socket.Dispose();
                if (Stopwatch.GetElapsedTime(start) > Limit)
                {
                    throw new TimeoutException("Nobody watches the counter.");
                }

                Thread.Sleep(1);
            }
        }
    }

    public void Tell() => _socket.Send(_byte);

    /// <exception cref="TimeoutException">The other end says nothing for 30 seconds, or is gone.</exception>
    public void Wait()
    {
        try
        {
            if (_socket.Receive(_byte) == 1)
            {
                return;
            }
        }
        catch (SocketException)
        {
        }

        throw new TimeoutException("A value of the counter was not seen.");
    }

    public void Dispose() => _socket.Dispose();
}
