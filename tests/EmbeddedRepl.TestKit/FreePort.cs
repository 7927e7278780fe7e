using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace EmbeddedRepl.TestKit;

/// <summary>
/// Finds ports for processes that must be told where to listen before they start. Anything that can listen on port 0 should do that instead.
/// </summary>
internal static class FreePort
{
    // Below the range that operating systems take the ports of outgoing connections from: such a port cannot be lost to one between now and its use.
    private const int First = 20_000;
    private const int Last = 30_000;

    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>A port that nothing listens on, on any loopback address, and that this process has not been given before.</summary>
    public static int Next()
    {
        // Test runs that go on at the same time start at different places.
        int start = Environment.ProcessId * 97 + Random.Shared.Next(Last - First);
        for (int i = 0; i < Last - First; i++)
        {
            int port = First + ((start + i) % (Last - First));
            if (IsFree(port) && Given.TryAdd(port, true))
            {
                return port;
            }
        }

        throw new InvalidOperationException("No port is free.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
