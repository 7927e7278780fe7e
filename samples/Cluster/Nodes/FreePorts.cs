using System.Net;
using System.Net.Sockets;

namespace EmbeddedRepl.Samples.Cluster.Nodes;

/// <summary>Finds ports that nobody uses.</summary>
internal static class FreePorts
{
    // Below the ranges from which operating systems take ports for outgoing connections, one of which could otherwise
    // occupy the port of a node while that node is down.
    private const int Lowest = 20_000;
    private const int Highest = 32_000;

    /// <summary>Finds a run of free neighbours, which are easier on the eye than scattered ones.</summary>
    /// <returns>The first of <paramref name="count"/> ports.</returns>
    public static int FindRun(int count)
    {
        for (int attempt = 0; attempt < 100; attempt++)
        {
            int first = Random.Shared.Next(Lowest / 10, Highest / 10) * 10;
            if (Enumerable.Range(first, count).All(IsFree))
            {
                return first;
            }
        }

        throw new InvalidOperationException($"There are no {count} free ports in a row between {Lowest} and {Highest}.");
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
